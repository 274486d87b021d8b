"""Answers come back in units and within bounds."""

import numpy as np
import pytest

from model.table.scaler import Scaler
from model.table.signature import Column
from model.table.targets import Targets, transform_targets

SCALER = Scaler(np.array([50.0, 0.0]), np.array([10.0, 1.0]))


def both(transforms: tuple[str, str] = ("identity", "identity")) -> Targets:
    return Targets((Column("score", minimum=0, maximum=100), Column("free")), SCALER, transforms)


def test_means_are_scaled_back_and_clipped() -> None:
    assert both().means(np.array([[1.0, 2.0], [9.0, -3.0]]), None).tolist() == [[60.0, 2.0], [100.0, -3.0]]


def test_intervals_keep_the_bounds_and_do_not_vanish_there() -> None:
    """An answer far outside is brought to its bound, and the interval begins as far inside as it is wide."""
    lower, upper = both().intervals(np.array([[0.0, 0.0], [9.0, 9.0]]), np.full((2, 2), -2.0), np.full((2, 2), 2.0))

    assert lower.tolist() == [[30.0, -2.0], [80.0, 7.0]]
    assert upper.tolist() == [[70.0, 2.0], [100.0, 11.0]]


def test_a_logarithmic_target_has_the_mean_of_a_lognormal_and_its_quantiles() -> None:
    targets = both(("identity", "log"))

    means = targets.means(np.zeros((1, 2)), np.full((1, 2), 0.5))
    lower, upper = targets.intervals(np.zeros((1, 2)), -np.ones((1, 2)), np.ones((1, 2)))

    assert means[0, 1] == pytest.approx(np.exp(0.5**2 / 2), rel=1e-6)
    np.testing.assert_allclose([lower[0, 1], upper[0, 1]], np.exp([-1, 1]))
    assert not targets.untransformed


def test_noise_of_a_bent_target_is_that_at_its_median() -> None:
    levels = both(("identity", "log")).noise_in_target_units(
        np.array([0.5, 0.1]), np.array([[1.0, 2.0], [1.0, 4.0], [1.0, 8.0]])
    )

    np.testing.assert_allclose(levels, [5.0, 0.4])


def test_transformed_bends_each_target_by_its_own_name() -> None:
    transformed = transform_targets(both().columns, ("identity", "log"), np.array([[3.0, np.e]]))

    np.testing.assert_allclose(transformed, [[3.0, 1.0]])
