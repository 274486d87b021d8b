"""What a training tells of itself is true on rows that it has never seen."""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pytest

from model.arrays import FloatArray
from model.checkpoint import Checkpoint
from model.table import Column, Dataset, Signature
from model.trainers import LevenbergMarquardt
from model.training import train
from tests.support.model_tables import spec

FRESH = 1000


class Kind(NamedTuple):
    """A kind of table."""

    rows: int
    columns: int
    name: str


TRUTHS: dict[str, Callable[[FloatArray], FloatArray]] = {
    "noise": lambda x: np.zeros(len(x)),
    "linear": lambda x: x.sum(axis=1) / np.sqrt(x.shape[1]),
    "few": lambda x: x[:, 0] + x[:, 1] - x[:, 2],
    "curved": lambda x: np.sin(2 * x[:, 0]) + 0.5 * x[:, 1] ** 2,
    "steps": lambda x: 1.0 * (x[:, 0] > 0.3) + 2.0 * ((x[:, 1] > 0) & (x[:, 2] > -0.5)),
}


def draw(kind: Kind, seed: int) -> tuple[Dataset, Dataset]:
    """Return a table to learn from, and fresh rows."""
    rng = np.random.default_rng([seed, kind.rows, kind.columns])
    features = rng.standard_normal((kind.rows + FRESH, kind.columns))
    truth = TRUTHS[kind.name](features)
    targets = truth + 0.5 * rng.standard_normal(len(truth))
    table = Dataset(features, targets[:, None])
    return table.take(slice(0, kind.rows)), table.take(slice(kind.rows, None))


KINDS = [
    Kind(20, 5, "linear"),
    Kind(40, 80, "noise"),
    Kind(100, 200, "linear"),
    Kind(200, 100, "few"),
    Kind(150, 6, "curved"),
    Kind(400, 8, "steps"),
]


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.name} {kind.rows} x {kind.columns}")
def test_what_is_told_is_true_of_fresh_rows(kind: Kind) -> None:
    ratios, held = [], []
    for seed in range(4):
        table, fresh = draw(kind, seed)
        checkpoint = train(spec(table, LevenbergMarquardt()))
        prediction = checkpoint.predictor.predict(fresh.features)
        told = checkpoint.report.leave_one_out["y0"]["rmse"]
        ratios.append(told / np.sqrt(np.mean((prediction.mean - fresh.targets) ** 2)))
        held.append(np.mean((prediction.lower <= fresh.targets) & (fresh.targets <= prediction.upper)))

    assert 0.8 < np.exp(np.mean(np.log(ratios))) < 1.25
    assert np.mean(held) >= 0.9


def test_equal_requests_give_equal_bytes() -> None:
    table, _ = draw(Kind(70, 4, "curved"), 0)
    first, again = (train(spec(table, LevenbergMarquardt(members=2))).to_bytes() for _ in range(2))

    assert first == again
    assert train(spec(table, LevenbergMarquardt(members=2), seed=1)).to_bytes() != first


def test_a_mixture_answers_a_row_alike_in_any_batch_and_after_it_was_stored() -> None:
    table, fresh = draw(Kind(250, 4, "curved"), 0)
    checkpoint = train(spec(table, LevenbergMarquardt(members=2)))
    again = Checkpoint.from_bytes(checkpoint.to_bytes())
    whole = checkpoint.predictor.predict(fresh.features[:40])
    single = again.predictor.predict(fresh.features[7:8])

    assert len(checkpoint.predictor.mixture.parts) > 1
    assert whole.mean[7] == single.mean[0]
    assert whole.lower[7] == single.lower[0]
    assert again.to_bytes() == checkpoint.to_bytes()


def test_the_report_says_what_the_answers_are_mixed_from() -> None:
    table, _ = draw(Kind(80, 4, "linear"), 0)
    report = train(spec(table, LevenbergMarquardt(members=2))).report
    weights = {each.name: each.weight["y0"] for each in report.candidates}

    assert sum(weights.values()) == pytest.approx(1.0)
    assert weights["linear network"] > 0.3
    assert "5 folds" in report.judged_by
    assert {each.name: each.gain for each in report.candidates}["linear network"] > 0.5


@pytest.mark.parametrize("rows", [80, 300])
def test_an_interval_counts_what_a_gap_may_hold_though_rows_are_reproduced_exactly(rows: int) -> None:
    """With 80 rows intervals come from a Student-t, with 300 from the residuals' own quantiles; no row had a gap."""
    table, fresh = draw(Kind(rows, 2, "linear"), 0)
    exact = Dataset(table.features, 5 * table.features[:, :1] + table.features[:, 1:])
    asked = fresh.features.copy()
    asked[:, 0] = np.nan
    names = tuple(Column(f"x{number}", may_be_missing=True) for number in range(2))
    request = replace(spec(exact), signature=Signature(names, (Column("y0"),)))
    prediction = train(request).predictor.predict(asked)
    truth = 5 * fresh.features[:, :1] + fresh.features[:, 1:]

    assert 0.88 < np.mean((prediction.lower <= truth) & (truth <= prediction.upper)) < 0.99
    assert prediction.extrapolated[:, 0].all()


def test_few_rows_for_the_columns_are_warned_of() -> None:
    table, _ = draw(Kind(20, 8, "linear"), 0)

    assert any(each.startswith("few rows for the columns") for each in train(spec(table)).report.warnings)


def test_rows_that_are_reproduced_are_no_exact_fit_where_unseen_ones_are_not() -> None:
    """With more columns than rows they always are; intervals rest on the rows that were left out."""
    rng = np.random.default_rng(0)
    features = rng.standard_normal((40, 80))
    targets = 2 * (features[:, :1] + features[:, 1:2] - features[:, 2:3]) + 0.1 * rng.standard_normal((40, 1))
    report = train(spec(Dataset(features, targets))).report

    assert report.scores["y0"]["rmse"] * np.sqrt(40) < 0.1 * targets.std()
    assert not any(each.startswith("exact fit") for each in report.warnings)


def test_an_outlying_cell_is_named_and_does_no_harm() -> None:
    table, fresh = draw(Kind(300, 3, "curved"), 0)
    table.features[17, 0] = 1e6
    checkpoint = train(spec(table, LevenbergMarquardt(members=2)))
    errors = checkpoint.predictor.predict(fresh.features).mean - fresh.targets

    assert any("outlying cells: 'x0'" in each and "row 18" in each for each in checkpoint.report.warnings)
    assert np.sqrt(np.mean(errors**2)) < 0.65
