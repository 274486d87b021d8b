"""Scores, held against scikit-learn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn import metrics

from model.arrays import FloatArray
from model.scores import classification_scores, regression_scores

COLUMNS = arrays(np.float64, st.integers(2, 20), elements=st.floats(-1e6, 1e6, allow_subnormal=False))


@given(COLUMNS, st.integers(0, 2**32 - 1), st.floats(0.01, 100))
def test_rmse_mae_and_r2_are_those_of_scikit_learn(truth: FloatArray, seed: int, error: float) -> None:
    truth = np.append(truth, truth[-1] + 1)  # so that it varies
    predicted = truth + error * np.random.default_rng(seed).standard_normal(len(truth))
    expected = {
        "rmse": metrics.root_mean_squared_error(truth, predicted),
        "mae": metrics.mean_absolute_error(truth, predicted),
        "r2": metrics.r2_score(truth, predicted),
    }

    assert regression_scores(truth, predicted) == pytest.approx(expected, rel=1e-6, abs=1e-6)


def test_a_perfect_prediction_leaves_nothing_over() -> None:
    assert regression_scores(np.array([1.0, 2.0]), np.array([1.0, 2.0])) == {"rmse": 0.0, "mae": 0.0, "r2": 1.0}


@pytest.mark.parametrize("value", [0.0, 3.0, 0.1, 1e200])
def test_r2_is_none_where_the_truth_does_not_vary(value: float) -> None:
    """The variance of three times 0.1 is not quite 0, and would make r2 a huge number."""
    assert regression_scores(np.full(3, value), np.full(3, 1.0))["r2"] is None


@pytest.mark.parametrize("unit", [1e-300, 1e-200, 1e200, 1e307])
def test_units_do_not_matter_even_where_their_squares_would_overflow(unit: float) -> None:
    truth, predicted = np.array([1.0, 2.0, 4.0]), np.array([1.5, 2.0, 3.0])
    plain = regression_scores(truth, predicted)

    scores = regression_scores(truth * unit, predicted * unit)

    assert scores == pytest.approx({"rmse": plain["rmse"] * unit, "mae": plain["mae"] * unit, "r2": plain["r2"]})  # type: ignore[operator]


def test_accuracy_and_log_loss_are_those_of_scikit_learn() -> None:
    rng = np.random.default_rng(0)
    labels, probabilities = rng.integers(3, size=50), rng.dirichlet(np.ones(3), 50)
    scores = classification_scores(labels, probabilities)

    assert scores["accuracy"] == pytest.approx(metrics.accuracy_score(labels, probabilities.argmax(axis=1)))
    assert scores["log_loss"] == pytest.approx(metrics.log_loss(labels, probabilities))


def test_a_category_called_impossible_costs_much_but_not_infinitely_much() -> None:
    assert classification_scores(np.array([0]), np.array([[0.0, 1.0]]))["log_loss"] == pytest.approx(708.4, abs=0.1)
