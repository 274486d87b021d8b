"""Weights: what is worth nothing has none, what is worth the same shares them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from model.fitting.mixing import stack_locations
from model.fitting.mixing.weights import minimise_on_simplex, stack_densities, weigh


def test_the_better_candidate_has_the_weight() -> None:
    rng = np.random.default_rng(0)
    truth = rng.standard_normal(200)
    locations = np.stack([np.zeros(200), truth + 0.1 * rng.standard_normal(200)])
    densities = -((truth - locations) ** 2) / 2
    weights = weigh(densities * 10, locations, truth, np.ones(2))

    assert weights[1] > 0.97
    assert weights.sum() == pytest.approx(1.0)


def test_independent_errors_share_the_weight() -> None:
    rng = np.random.default_rng(0)
    truth = rng.standard_normal(2000)
    locations = truth + 0.5 * rng.standard_normal((2, 2000))

    assert stack_locations(locations, truth) == pytest.approx([0.5, 0.5], abs=0.05)


def test_densities_are_stacked_to_the_most_probable_mixture() -> None:
    rng = np.random.default_rng(0)
    from_first = rng.random(4000) < 0.3
    values = np.where(from_first, 0.0, 6.0) + rng.standard_normal(4000)
    densities = -((values - np.array([[0.0], [6.0]])) ** 2) / 2

    assert stack_densities(densities, np.full(2, 0.5)) == pytest.approx([0.3, 0.7], abs=0.03)


@given(arrays.arrays(np.float64, st.tuples(st.integers(1, 7), st.integers(8, 9)), elements=st.floats(-100, 100)))
def test_no_step_within_the_simplex_leads_further_down(table: np.ndarray) -> None:
    said, slope = table[:, 1:], table[:, 0]
    curvature = said @ said.T + np.eye(len(said))
    weights = minimise_on_simplex(curvature, slope)

    assert weights.min() >= 0
    assert weights.sum() == pytest.approx(1.0)
    gradient = curvature @ weights - slope  # a convex function is least where every corner lies uphill
    assert gradient.min() >= gradient @ weights - 1e-7 * (1 + np.abs(gradient).max() + curvature.max())


def test_an_answer_that_is_no_number_has_no_weight() -> None:
    weights = minimise_on_simplex(np.array([[1.0, np.nan], [np.nan, np.nan]]), np.array([0.5, np.nan]))

    assert weights.tolist() == [1.0, 0.0]
