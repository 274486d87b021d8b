"""Losses, held against SciPy and finite differences."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import log_softmax

from model.network.losses import LOSSES, cross_entropy, softmax, squared_error


def problem(seed: int, samples: int, outputs: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return 3 * rng.standard_normal((samples, outputs)), np.eye(outputs)[rng.integers(outputs, size=samples)]


@given(seed=st.integers(0, 2**32), samples=st.integers(1, 6), outputs=st.integers(1, 5))
def test_cross_entropy_is_that_of_scipy(seed: int, samples: int, outputs: int) -> None:
    values, targets = problem(seed, samples, outputs)
    expected = -float((log_softmax(values, axis=1) * targets).sum())

    assert cross_entropy(values, targets, np.empty_like(values)) == pytest.approx(expected, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("loss", [cross_entropy, squared_error])
@given(seed=st.integers(0, 2**32), samples=st.integers(1, 4), outputs=st.integers(1, 4))
def test_the_slope_is_that_of_finite_differences(loss, seed: int, samples: int, outputs: int) -> None:  # type: ignore[no-untyped-def]
    values, targets = problem(seed, samples, outputs)
    slope, spare, step = np.empty_like(values), np.empty_like(values), 1e-5
    loss(values, targets, slope)
    for place in np.ndindex(values.shape):
        moved = np.zeros_like(values)
        moved[place] = step
        difference = loss(values + moved, targets, spare) - loss(values - moved, targets, spare)
        assert slope[place] == pytest.approx(difference / (2 * step), abs=1e-6)


def test_huge_outputs_neither_overflow_nor_warn() -> None:
    values, targets = np.array([[1e4, -1e4], [-1e4, 1e4]]), np.eye(2)

    assert cross_entropy(values, targets, np.empty_like(values)) == 0.0
    assert np.array_equal(softmax(values), targets)


def test_each_loss_reports_a_mean() -> None:
    values, targets = problem(0, 7, 3)
    for name, mean in (
        ("squared_error", np.mean((values - targets) ** 2)),
        ("cross_entropy", -np.mean((log_softmax(values, axis=1) * targets).sum(axis=1))),
    ):
        loss, mean_factor = LOSSES[name].for_shape(targets.shape)
        assert loss(values, targets, np.empty_like(values)) * mean_factor == pytest.approx(mean)
