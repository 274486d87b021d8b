"""A real Prometheus scrapes a real service of two workers, and evaluates every expression of the dashboard and the rules."""

import json
import re
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.deployed import RULES, expressions
from tests.support.needs import needs
from tests.support.server import Server, running
from tests.support.tables import QUESTION, TABLE
from tests.support.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300), needs("prometheus")]

LISTENING = re.compile(r'msg="Listening on" address=(\S+)')
MAY_BE_EMPTY = {"Errors a second, by problem A"}
"""What shows only what is not 0."""


@contextmanager
def prometheus(folder: Path, target: str) -> Iterator[httpx.Client]:
    """Yield a client of a Prometheus that scrapes a target each second, with our rules."""
    job = {"job_name": "scorecast", "static_configs": [{"targets": [target]}]}
    settings = {"global": {"scrape_interval": "1s", "evaluation_interval": "1s"}, "scrape_configs": [job]}
    (folder / "prometheus.json").write_text(json.dumps({**settings, "rule_files": [str(RULES)]}))
    options = [f"--config.file={folder / 'prometheus.json'}", f"--storage.tsdb.path={folder / 'data'}"]
    log = folder / "prometheus.log"
    with (
        log.open("w") as said,
        subprocess.Popen(["prometheus", *options, "--web.listen-address=127.0.0.1:0"], stderr=said) as process,
    ):
        try:
            found = until(lambda: LISTENING.search(log.read_text()), "Prometheus listens")
            with httpx.Client(base_url=f"http://{found[1]}/api/v1", timeout=30, trust_env=False) as client:
                until(lambda: _answers(client), "Prometheus answers")
                yield client
        finally:
            process.kill()


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/status/buildinfo").is_success
    except httpx.TransportError:
        return False


def query(client: httpx.Client, expression: str) -> list[Any]:
    """Return what an expression finds now."""
    answer = client.get("/query", params={"query": expression})
    assert answer.status_code == 200, f"{expression}: {answer.text}"
    found: list[Any] = answer.json()["data"]["result"]
    return found


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("server"), workers=2) as server:
        yield server


@pytest.fixture(scope="module")
def scraping(server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A Prometheus that has scraped the service before and after everything has happened there."""
    url = server.client.base_url
    with prometheus(tmp_path_factory.mktemp("prometheus"), f"{url.host}:{url.port}") as client:
        until(lambda: query(client, "scorecast_predictions_total"), "it has scraped the service")
        server.train(TABLE).raise_for_status()
        server.client.post("/predict", json={"hours_studied": "x"})
        for _ in range(20):
            server.client.post("/predict", json=QUESTION).raise_for_status()
        until(lambda: query(client, "scorecast_predictions_total == 20"), "it has scraped it again")
        server.train(TABLE).raise_for_status()
        server.client.post("/predict", json=QUESTION).raise_for_status()
        until(lambda: query(client, "scorecast_predictions_total == 21"), "and again")
        yield client


def test_the_service_is_a_target_that_is_up(scraping: httpx.Client) -> None:
    (target,) = scraping.get("/targets").json()["data"]["activeTargets"]
    assert (target["health"], target["lastError"]) == ("up", "")


@pytest.mark.parametrize(("where", "expression"), list(expressions()))
def test_each_expression_finds_something_or_no_reason_to_alarm(
    scraping: httpx.Client, where: str, expression: str
) -> None:
    found = query(scraping, expression)

    if where.startswith("Scorecast"):
        assert found == [] or where == "ScorecastSlow"  # on a machine that is busy it may be
    elif where not in MAY_BE_EMPTY:
        assert found, expression


def test_each_rule_is_evaluated_without_an_error(scraping: httpx.Client) -> None:
    def evaluated() -> list[dict[str, Any]]:
        groups = scraping.get("/rules").json()["data"]["groups"]
        rules = [rule for group in groups for rule in group["rules"]]
        return [] if any(rule["health"] == "unknown" for rule in rules) else rules

    rules = until(evaluated, "the rules are evaluated")
    assert len(rules) == 10
    assert {rule["health"] for rule in rules} == {"ok"}


def test_what_was_counted_is_what_happened(scraping: httpx.Client) -> None:
    (found,) = query(scraping, "scorecast_prediction_duration_seconds_count")
    assert float(found["value"][1]) == 21
    (share,) = query(
        scraping,
        'scorecast_extrapolated_predictions_total{feature="hours_studied",model_name="exam-score"}'
        " / on (model_name) group_left () scorecast_model_predictions_total",
    )
    assert float(share["value"][1]) == 1
