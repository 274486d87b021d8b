"""Verdicts on results that are written down here, so that both outcomes are known."""

import json
from pathlib import Path

import pytest
from scipy.stats import binom

from benchmarks.accuracy.results import Line, read
from benchmarks.accuracy.summary import Marks, ahead, is_within, tail, verdicts
from benchmarks.accuracy.tables import BY_NAME, chosen

OURS = "ours@1"
GOOD = {"rmse": 1.0, "crps": 0.5, "is95": 4.0, "cover95": 0.95, "cover80": 0.8, "reported": 1.0, "rows": 1000}


def marks(kinds: dict[str, Line], rivals: dict[str, dict[str, Line]] | None = None) -> Marks:
    results = {(OURS, name, 0): {"seed": 0, **line} for name, line in kinds.items()}
    for who, lines in (rivals or {}).items():
        results |= {(who, name, 0): {"seed": 0, **line} for name, line in lines.items()}
    return Marks(results, tuple(BY_NAME[name] for name in kinds), (0,), OURS)


def test_good_results_meet_every_target() -> None:
    names = [table.name for table in chosen(["dev"]) if table.group != "classes"]
    worse = {**GOOD, "rmse": 1.1, "crps": 0.6, "is95": 5.0}
    found = verdicts(
        marks(
            dict.fromkeys(names, GOOD), {"catboost": dict.fromkeys(names, worse), "ridge": dict.fromkeys(names, worse)}
        )
    )

    assert len(found) >= 11
    assert all(verdict.is_met for verdict in found)


@pytest.mark.parametrize(
    "change",
    [{"cover95": 0.89}, {"cover80": 0.7}, {"reported": 0.7}, {"reported": 1.3}, {"error": "ValueError"}],
)
def test_one_fault_on_a_kind_is_a_target_missed(change: Line) -> None:
    found = verdicts(marks({"smooth 25x2": {**GOOD, **change}}))

    assert any(verdict.is_met is False for verdict in found)


def test_no_report_can_foretell_errors_on_rows_of_another_kind() -> None:
    wrong = {**GOOD, "reported": 0.5}
    shifted = verdicts(marks({"unseen words, 12 levels 200x4": wrong, "heavy tails 200x4": GOOD}))
    alike = verdicts(marks({"unseen words, 12 levels 200x4": GOOD, "heavy tails 200x4": wrong}))

    assert [verdict.is_met for verdict in shifted if verdict.target.startswith("reported")] == [True]
    assert [verdict.is_met for verdict in alike if verdict.target.startswith("reported")] == [False]


def test_three_kinds_behind_ridge_are_too_many() -> None:
    names = ["smooth 25x2", "smooth 100x2", "products 100x12"]
    ridge = {name: {**GOOD, "rmse": 0.96} for name in names}

    def is_met(count: int) -> bool | None:
        found = verdicts(marks(dict.fromkeys(names[:count], GOOD), {"ridge": ridge}))
        return next(verdict.is_met for verdict in found if verdict.target.startswith("RMSE"))

    assert is_met(2)
    assert is_met(3) is False


def test_only_tables_that_both_have_answered_are_counted() -> None:
    of = marks(
        {"cps85": GOOD, "slid": {**GOOD, "rmse": 2.0}, "quine": GOOD},
        {"catboost": {"cps85": {**GOOD, "rmse": 1.5}, "slid": GOOD}},
    )

    assert ahead(of, "catboost", "rmse", ("real",)) == (1, 2)


@pytest.mark.parametrize(
    ("covered", "rows", "holds"),
    [(0.95, 20, True), (0.9, 20, True), (0.9, 1000, False), (1.0, 20, True), (1.0, 1000, False), (0.5, 20, False)],
)
def test_a_coverage_outside_its_bounds_may_be_chance_if_rows_are_few(covered: float, rows: int, holds: bool) -> None:
    assert is_within(covered, rows, 0.92, 0.98) is holds


@pytest.mark.parametrize(("hits", "rows"), [(0, 8), (8, 8), (1800, 2000), (1999, 2000), (1850, 2000)])
def test_tails_are_those_of_the_binomial_distribution(hits: int, rows: int) -> None:
    expected = binom.cdf(hits, rows, 0.92) if hits < 0.92 * rows else binom.sf(hits - 1, rows, 0.92)

    assert tail(hits, rows, 0.92) == pytest.approx(expected)


def test_the_last_line_about_a_table_counts(tmp_path: Path) -> None:
    lines = [{"contestant": OURS, "table": "slid", "seed": 0, "rmse": rmse} for rmse in (2.0, 1.0)]
    (tmp_path / "results.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))

    assert read(tmp_path / "results.jsonl")[OURS, "slid", 0]["rmse"] == 1.0
    assert read(tmp_path / "nothing.jsonl") == {}
