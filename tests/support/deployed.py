"""What is deployed beside the service: the rules of Prometheus, the dashboard of Grafana, and all expressions in them."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]  # it is there with what validates OpenAPI

DEPLOY = Path(__file__).parents[2] / "deploy"
RULES = DEPLOY / "prometheus" / "scorecast.rules.yml"
RULES_TEST = DEPLOY / "prometheus" / "scorecast.rules-test.yml"
DASHBOARD: dict[str, Any] = json.loads((DEPLOY / "grafana" / "scorecast.json").read_text())

OURS = re.compile(r"\b(?:scorecast|process)_\w+")
LABELS = re.compile(r"\b(\w+)\s*(?:=~|!~|!=|=)\s*\"")


def alerts() -> list[dict[str, Any]]:
    """Return the alerts, as they stand in the rules."""
    groups = yaml.safe_load(RULES.read_text())["groups"]
    return [rule for group in groups for rule in group["rules"]]


def panels() -> list[dict[str, Any]]:
    """Return the dashboard's panels."""
    found: list[dict[str, Any]] = DASHBOARD["panels"]
    return found


def expressions() -> Iterator[tuple[str, str]]:
    """Yield the expressions of all panels and alerts, with where they stand; variables as Grafana fills them in."""
    for panel in panels():
        for target in panel["targets"]:
            yield f"{panel['title']} {target['refId']}", fill(target["expr"])
    for rule in alerts():
        yield rule["alert"], rule["expr"]


def fill(expression: str) -> str:
    """Return a dashboard's expression with its variables filled in."""
    return expression.replace("$__rate_interval", "1m").replace("$job", "scorecast")
