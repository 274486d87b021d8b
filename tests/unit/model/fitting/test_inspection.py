"""What is odd about a table is said, with names and row numbers."""

import numpy as np

from model.fitting.inspection import find_exact_fits, find_outliers, inspect
from model.posterior.leave_one_out import LeaveOneOut
from model.table.dataset import Dataset
from tests.support.model_tables import signature, wave


def said(table: Dataset) -> str:
    return "\n".join(inspect(signature(table), table))


def test_a_good_table_is_passed_over_in_silence() -> None:
    assert said(wave(50, 0.1)) == ""


def test_few_rows() -> None:
    assert "fewer than 10" in said(wave(9, 0.1))
    assert said(wave(10, 0.1)) == ""


def test_one_row() -> None:
    assert "no spread can be estimated" in said(wave(1, 0.1))


def test_constant_columns_and_targets_are_named() -> None:
    table = wave(20, 0.1)
    table.features[:, 1] = 1 / 3

    assert "'x1' has one value" in said(table)
    assert "constant target: 'y0'" in said(Dataset(wave(20, 0.1).features, np.full((20, 1), 5.0)))


def test_collinear_columns_are_named_with_those_they_follow_from() -> None:
    table = wave(30, 0.1)
    features = np.column_stack([table.features, 3 * table.features[:, 0] - 1e6 * table.features[:, 2] + 5])

    (warning,) = inspect(signature(Dataset(features, table.targets)), Dataset(features, table.targets))

    assert "'x3' follows exactly from 'x0', 'x2'" in warning


def test_few_rows_are_not_called_collinear() -> None:
    assert "collinear" not in said(wave(4, 0.1))


def test_equal_features_with_different_targets_are_named_by_row() -> None:
    table = wave(20, 0.1)
    table.features[7] = table.features[3]
    table.features[9] = table.features[5]
    table.targets[9] = table.targets[5]

    assert "in rows 4, 8;" in said(table)


def test_outliers_are_named_by_row_and_counted_beyond_ten(rng: np.random.Generator) -> None:
    residuals = rng.standard_normal((100, 1))
    residuals[[4, 50]] = 40.0
    table = wave(100, 0.1)

    assert "in rows 5, 51" in find_outliers(signature(table), LeaveOneOut(residuals, np.ones((100, 1))))[0]
    residuals[:12] = 1000.0
    assert "9, 10 and 3 more" in find_outliers(signature(table), LeaveOneOut(residuals, np.ones((100, 1))))[0]
    assert find_outliers(signature(table), LeaveOneOut(np.zeros((100, 1)), np.ones((100, 1)))) == []


def test_an_exact_fit_is_named_since_its_noise_is_no_more_than_assumed(rng: np.random.Generator) -> None:
    scaled = rng.standard_normal((20, 2))
    outputs = scaled + [0.001, 0.1] * rng.standard_normal((20, 2))

    (warning,) = find_exact_fits(signature(Dataset(scaled, scaled)), scaled, outputs)

    assert "exact fit" in warning
    assert "'y0'" in warning
