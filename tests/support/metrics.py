"""Metrics of a server, read as Prometheus reads them."""

import subprocess
from collections.abc import Iterable
from typing import NamedTuple

import httpx
from prometheus_client import Metric
from prometheus_client.openmetrics import parser as openmetrics
from prometheus_client.parser import text_string_to_metric_families

from tests.support.server import Server


class Series(NamedTuple):
    """A number, by its name and its labels."""

    name: str
    labels: frozenset[tuple[str, str]]


def families(text: str) -> list[Metric]:
    """Return what a text tells."""
    return list(text_string_to_metric_families(text))


def openmetrics_families(text: str) -> list[Metric]:
    """Return what a text in OpenMetrics tells."""
    return list(openmetrics.text_string_to_metric_families(text))  # type: ignore[no-untyped-call]


def read(asked: Server | httpx.Client) -> dict[Series, float]:
    """Return all numbers that a server tells."""
    client = asked.client if isinstance(asked, Server) else asked
    answer = client.get("/metrics")
    assert answer.status_code == 200, answer.text
    samples = (sample for family in families(answer.text) for sample in family.samples)
    return {Series(sample.name, frozenset(sample.labels.items())): sample.value for sample in samples}


def number(found: dict[Series, float], name: str, **labels: str) -> float:
    """Return one of the numbers; 0 where there is none."""
    return found.get(Series(name, frozenset(labels.items())), 0.0)


def difference(before: dict[Series, float], after: dict[Series, float]) -> dict[Series, float]:
    """Return what has changed, and by how much."""
    return {
        series: value - before.get(series, 0.0) for series, value in after.items() if value != before.get(series, 0.0)
    }


def complaints(text: str) -> str:
    """Return what promtool has to say against metrics."""
    return promtool(["check", "metrics"], text)


def promtool(arguments: Iterable[str], text: str = "") -> str:
    """Return what promtool says, if it finds fault; nothing otherwise."""
    done = subprocess.run(["promtool", *arguments], input=text, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 and not done.stderr else f"{done.returncode} {done.stdout} {done.stderr}"
