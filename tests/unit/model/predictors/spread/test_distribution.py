"""Intervals, quantiles and probabilities are of one distribution, for all that a regressor may be mixed from."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from model.arrays import FloatArray
from model.predictors import Distribution, EmpiricalQuantiles, StudentQuantiles
from model.table import Column, Scaler, Targets
from tests.support.asked import BOUNDS, Asked, regressors
from tests.support.predictors import Maker

PROBABILITIES = (0.001, 0.02, 0.025, 0.2, 0.26, 0.5, 0.51, 0.8, 0.975, 0.99, 0.9999)


@pytest.mark.slow
@given(regressors(), st.sampled_from([0.5, 0.8, 0.95, 0.999]))
def test_intervals_and_means_are_those_of_a_prediction(asked: Asked, coverage: float) -> None:
    predicted = asked.predictor.predict(asked.features, coverage)
    said, extrapolated = asked.predictor.distribution(asked.features)
    lower, upper = said.interval(coverage)

    np.testing.assert_array_equal(said.mean, predicted.mean)
    np.testing.assert_array_equal(lower, predicted.lower)
    np.testing.assert_array_equal(upper, predicted.upper)
    np.testing.assert_array_equal(extrapolated, predicted.extrapolated)


@pytest.mark.slow
@given(regressors(), st.sampled_from([0.5, 0.8, 0.95, 0.999]))
def test_an_interval_reaches_from_quantile_to_quantile(asked: Asked, coverage: float) -> None:
    said, _ = asked.predictor.distribution(asked.features)
    lower, upper = said.interval(coverage)

    np.testing.assert_allclose(said.quantile((1 - coverage) / 2), lower, rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(said.quantile((1 + coverage) / 2), upper, rtol=1e-9, atol=1e-9)


@pytest.mark.slow
@given(regressors())
def test_quantiles_never_fall_and_the_probability_below_each_is_its_own(asked: Asked) -> None:
    said, _ = asked.predictor.distribution(asked.features)
    quantiles = np.array([said.quantile(probability) for probability in PROBABILITIES])

    assert (np.diff(quantiles, axis=0) >= 0).all()
    for row, target in np.ndindex(said.location.shape):
        column = said.targets.columns[target]
        for probability, value in zip(PROBABILITIES, quantiles[:, row, target].tolist(), strict=True):
            if _is_inside(value, column):
                below = said.below(np.full(len(said.targets.columns), value))[row, target]
                assert below == pytest.approx(probability, rel=1e-3, abs=1e-4)


def _is_inside(value: float, column: Column) -> bool:
    """Whether a value is off the bounds, where many quantiles may lie."""
    least, most = column.minimum, column.maximum
    return (least is None or value > least) and (most is None or value < most) and abs(value) < 1e200


def one(quantiles: Any, column: Column, transform: str = "identity", limits: FloatArray | None = None) -> Distribution:
    """What is said of two rows and one target: around 3 and 5, in units of .5 and .25."""
    targets = Targets((column,), Scaler(np.array([1.0]), np.array([2.0])), (transform,))
    return Distribution(np.array([[1.0], [2.0]]), np.array([[0.25], [0.125]]), targets, quantiles, limits)


STUDENT = StudentQuantiles(np.ones(1), np.array([4.0]))


def test_a_student_distribution_is_that_of_scipy() -> None:
    said, truth = one(STUDENT, Column("y")), stats.t(4.0, loc=[3.0, 5.0], scale=[0.5, 0.25])

    for value in (-1e3, 1.0, 3.0, 4.9, 5.5, 1e9):
        np.testing.assert_allclose(said.below(np.array([value]))[:, 0], truth.cdf(value), rtol=1e-9)
    for probability in PROBABILITIES:
        np.testing.assert_allclose(said.quantile(probability)[:, 0], truth.ppf(probability), rtol=1e-9)
    half = truth.ppf(0.5 + 0.6826894921370859 / 2) - truth.ppf(0.5)
    np.testing.assert_allclose(said.standard_deviation[:, 0], half, rtol=1e-9)


def test_fewer_degrees_of_freedom_make_a_row_less_certain() -> None:
    said = one(STUDENT, Column("y"), limits=np.array([[2.0], [np.inf]]))

    np.testing.assert_allclose(said.below(np.array([2.0]))[0], stats.t(2.0, 3.0, 0.5).cdf(2.0), rtol=1e-9)
    np.testing.assert_allclose(said.below(np.array([2.0]))[1], stats.t(4.0, 5.0, 0.25).cdf(2.0), rtol=1e-9)
    np.testing.assert_allclose(said.quantile(0.9)[0], stats.t(2.0, 3.0, 0.5).ppf(0.9), rtol=1e-9)


def test_what_is_beyond_a_bound_lies_on_it() -> None:
    said = one(STUDENT, Column("y", minimum=2.9, maximum=5.1))

    assert said.quantile(0.001).min() == 2.9
    assert said.quantile(0.999).max() == 5.1
    np.testing.assert_array_equal(said.below(np.array([2.8])), 0.0)
    np.testing.assert_array_equal(said.below(np.array([5.1])), 1.0)
    assert (said.below(np.array([5.1]), strictly=True) < 1.0).all()
    assert (said.below(np.array([2.9])) > 0.0).all()
    np.testing.assert_array_equal(said.below(np.array([2.9]), strictly=True), 0.0)


def test_what_a_root_cannot_be_lies_on_0() -> None:
    said = one(STUDENT, Column("y"), "root")
    near = Distribution(np.array([[-0.4], [0.0]]), said.scale, said.targets, STUDENT)

    np.testing.assert_array_equal(near.quantile(0.001), 0.0)
    np.testing.assert_array_equal(near.below(np.array([0.0]), strictly=True), 0.0)
    assert (near.below(np.array([0.0])) > 0.005).all()


@pytest.mark.parametrize("are_empirical", [True, False])
def test_a_coverage_next_to_0_or_1_has_an_interval(*, are_empirical: bool) -> None:
    quantiles = Maker(np.random.default_rng(3), np.zeros((2, 1)), 1).quantiles(are_empirical=are_empirical)
    for limits in (None, np.array([[3.0], [np.inf]])):
        said = one(quantiles, Column("y"), limits=limits)
        for coverage in (5e-324, 1e-13, 0.9999999999999999):
            lower, upper = said.interval(coverage)
            assert (lower <= upper).all()
        assert np.isfinite(said.quantile(0.5 + 1e-13)).all()
        assert (said.below(np.array([1e300])) == 1.0).all()


@pytest.mark.parametrize("transform", ["log", "root", "logit"])
def test_a_value_that_a_scale_has_no_place_for_is_below_or_above_everything(transform: str) -> None:
    minimum, maximum = (-1.0, 8.0) if transform == "logit" else BOUNDS[transform]
    said = one(STUDENT, Column("y", None, minimum, maximum), transform)

    np.testing.assert_array_equal(said.below(np.array([-5.0])), 0.0)
    if transform == "logit":
        np.testing.assert_array_equal(said.below(np.array([50.0])), 1.0)


def test_nothing_is_said_of_a_target_without_spread_nor_doubted_of_a_constant_one() -> None:
    unknown = one(StudentQuantiles(np.array([np.nan]), np.array([4.0])), Column("y"))
    said = Distribution(unknown.location, unknown.scale * np.nan, unknown.targets, unknown.quantiles)
    assert np.isnan(said.below(np.array([3.0]))).all()
    assert np.isnan(said.quantile(0.5)).all()

    constant = Targets((Column("y"),), Scaler(np.array([7.0]), np.array([0.0])), ("identity",))
    said = Distribution(unknown.location, unknown.scale, constant, STUDENT)
    np.testing.assert_array_equal(said.quantile(0.1), 7.0)
    np.testing.assert_array_equal(said.below(np.array([7.0])), 1.0)
    np.testing.assert_array_equal(said.below(np.array([6.9])), 0.0)


def test_widened_empirical_quantiles_and_probabilities_are_inverse() -> None:
    quantiles = Maker(np.random.default_rng(3), np.zeros((2, 1)), 1).quantiles(are_empirical=True)
    assert isinstance(quantiles, EmpiricalQuantiles)
    said = one(quantiles, Column("y"), limits=np.array([[3.0], [1.0]]))

    values = np.array([said.quantile(probability) for probability in (0.01, 0.1, 0.3, 0.7, 0.9, 0.99)])[:, :, 0]
    for value, probability in zip(values, (0.01, 0.1, 0.3, 0.7, 0.9, 0.99), strict=True):
        for row in range(2):
            assert said.below(value[row : row + 1])[row, 0] == pytest.approx(probability, abs=5e-4)
