"""The alert rules: valid, and each fires when it should and not before; of problems they name those that there are."""

import re

import pytest

from app.metrics.families import COUNTED, ERRORS, FAILURES, OBSERVED, TRAINING_PROBLEMS, UNEXPECTED
from app.rest.statuses import STATUSES
from tests.support.deployed import LABELS, OURS, RULES, RULES_TEST, alerts, expressions
from tests.support.metrics import promtool
from tests.support.needs import needs

NOT_OUR_FAULT = {"MissingExtra", "NotReady"}
"""What a client asked for that is not installed; what is told to probes alone."""

SUFFIXES = ("", "_bucket", "_count", "_sum")


@needs("promtool")
def test_they_are_valid() -> None:
    assert not promtool(["check", "rules", str(RULES)])


@needs("promtool")
def test_each_fires_when_it_should_and_not_before() -> None:
    assert not promtool(["test", "rules", str(RULES_TEST)])


def test_each_is_tested_to_fire_and_not_to() -> None:
    tested = RULES_TEST.read_text()
    for rule in alerts():
        name = rule["alert"]
        assert re.search(rf"alertname: {name}\n\s+exp_alerts", tested), name
        assert re.search(rf"alertname: {name}}}", tested), name


def test_each_says_what_has_happened_and_what_to_do() -> None:
    for rule in alerts():
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert rule["annotations"].keys() == {"summary", "description"}


@pytest.mark.parametrize(("where", "expression"), list(expressions()))
def test_every_expression_is_about_metrics_and_labels_that_there_are(where: str, expression: str) -> None:
    families = {**COUNTED, **OBSERVED}
    known = {name + suffix for name, family in families.items() for suffix in SUFFIXES if not suffix or family.bounds}
    named = set(OURS.findall(expression))
    assert named - known <= {"process_resident_memory_bytes", "process_open_fds"}
    labels = {label for family in families.values() for label in family.labels} | {"job", "instance", "le"}
    assert set(LABELS.findall(expression)) <= labels
    for listed in re.findall(r"\b(?:by|on) \(([^)]*)\)", expression):
        assert {label.strip() for label in listed.split(",")} <= labels


def test_the_problems_of_our_own_are_all_those_of_status_5xx() -> None:
    ours = {kind.__name__ for kind, status in STATUSES.items() if status >= 500} - NOT_OUR_FAULT | {UNEXPECTED}
    (rule,) = (rule for rule in alerts() if rule["alert"] == "ScorecastServerErrors")
    assert problems_in(rule["expr"], ERRORS) == ours


def test_every_problem_that_is_named_can_happen() -> None:
    for _, expression in expressions():
        assert problems_in(expression, ERRORS) <= {kind.__name__ for kind in STATUSES} | {UNEXPECTED}
        assert problems_in(expression, FAILURES) <= {*TRAINING_PROBLEMS}


def problems_in(expression: str, metric: str) -> set[str]:
    found = re.findall(metric + r'\{[^}]*problem=~?"([^"]*)"', expression)
    return {problem for each in found for problem in each.split("|")}
