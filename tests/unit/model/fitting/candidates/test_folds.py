"""Folds: every row is left out once, of long tables some rows are; copies of a row are left out together."""

import numpy as np
import pytest

from model.arrays import FloatArray
from model.fitting.candidates import Folds
from model.table import Dataset
from model.trainers import LevenbergMarquardt
from model.training import train
from tests.support.model_tables import spec, wave


def table(rows: int) -> FloatArray:
    return np.random.default_rng(1).normal(size=(rows, 3))


@pytest.mark.parametrize(("rows", "count"), [(4, 4), (12, 12), (24, 12), (60, 8), (600, 5), (601, 3), (3000, 3)])
def test_rows_are_spread_evenly_and_all_are_judged(rows: int, count: int) -> None:
    folds = Folds.draw(table(rows), np.random.default_rng(0))
    sizes = np.bincount(folds.numbers)

    assert folds.count == count
    assert sizes.max() - sizes.min() <= 1
    assert np.array_equal(folds.judged_rows, np.arange(rows))


def test_of_a_long_table_one_fold_is_judged() -> None:
    folds = Folds.draw(table(3001), np.random.default_rng(0))

    assert folds.judged == (0,)
    assert len(folds.judged_rows) == 1001
    assert not np.isin(folds.without(0), folds.judged_rows).any()
    assert len(folds.without(0)) == 2000


@pytest.mark.parametrize("times", [2, 3])
@pytest.mark.parametrize("rows", [5, 100, 3001])
def test_copies_of_a_row_are_left_out_together(rows: int, times: int) -> None:
    folds = Folds.draw(np.tile(table(rows), (times, 1)), np.random.default_rng(0))
    copies = folds.numbers.reshape(times, rows)

    assert (copies == copies[0]).all()
    assert np.array_equal(copies[0], Folds.draw(table(rows), np.random.default_rng(0)).numbers)


def test_rows_that_are_equal_by_chance_are_spread_like_all_others() -> None:
    coins = np.random.default_rng(0).integers(0, 2, (300, 4)).astype(float)

    assert np.array_equal(
        Folds.draw(coins, np.random.default_rng(0)).numbers, Folds.draw(table(300), np.random.default_rng(0)).numbers
    )


def test_one_row_alone_however_often_is_spread_over_folds() -> None:
    assert Folds.draw(np.ones((20, 2)), np.random.default_rng(0)).count == 12


def test_where_all_rows_are_copies_no_smaller_error_is_reported_than_fresh_rows_have() -> None:
    rows = wave(60, 0.5, seed=5)
    copies = Dataset(np.tile(rows.features, (3, 1)), np.tile(rows.targets, (3, 1)))
    fresh = wave(300, 0.5, seed=6)

    checkpoint = train(spec(copies, LevenbergMarquardt()))

    said = checkpoint.predictor.predict(fresh.features)
    true = float(np.sqrt(np.mean((said.mean - fresh.targets) ** 2)))
    assert (checkpoint.report.leave_one_out["y0"]["rmse"] or 0.0) > 0.8 * true
    assert np.mean((said.lower <= fresh.targets) & (fresh.targets <= said.upper)) > 0.9
