"""The exam's scores against closed forms and against what is known by construction."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from benchmarks.accuracy.forecast import COVERAGES, LEVELS, MIDPOINTS, Classes, Forecast
from benchmarks.accuracy.scores import (
    classification_scores,
    coverage_by_category,
    coverage_by_width,
    crps,
    interval_score,
    regression_scores,
)

ROWS = 2000


def normal_forecast(rows: int, deviation: float = 1.0) -> Forecast:
    return Forecast(np.zeros(rows), np.tile(deviation * norm.ppf(LEVELS), (rows, 1)))


@pytest.mark.parametrize("deviation", [0.5, 1.0, 3.0])
@pytest.mark.parametrize("truth", [0.0, 0.7, -2.0])
def test_crps_is_that_of_a_normal_distribution(truth: float, deviation: float) -> None:
    z = truth / deviation
    closed = deviation * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / np.sqrt(np.pi))

    # twenty levels take the expected distance between two draws, 2 / sqrt(pi), for 2.3 % less; half of it counts
    assert crps(np.array([truth]), normal_forecast(1, deviation)) == pytest.approx(closed, abs=0.0135 * deviation)


def test_crps_of_a_point_is_the_absolute_error() -> None:
    truth = np.array([1.0, -3.0])

    assert crps(truth, Forecast(np.zeros(2), np.zeros((2, len(LEVELS))))) == pytest.approx(2.0)


def test_crps_prefers_the_true_spread() -> None:
    truth = norm.ppf((np.arange(ROWS) + 0.5) / ROWS)
    scores = {deviation: crps(truth, normal_forecast(ROWS, deviation)) for deviation in (0.5, 0.8, 1.0, 1.25, 2.0)}

    assert min(scores, key=lambda deviation: scores[deviation]) == 1.0
    assert scores[1.0] == pytest.approx(1 / np.sqrt(np.pi), rel=0.01)


def test_the_interval_score_adds_what_lies_outside_to_the_width() -> None:
    truth, lower, upper = np.array([0.0, 3.0, -1.5]), np.full(3, -1.0), np.full(3, 2.0)

    # widths of 3; one lies above by 1, one below by 0.5, each times 2 / 0.2
    assert interval_score(truth, lower, upper, 0.8) == pytest.approx((3 * 3 + 10 * 1 + 10 * 0.5) / 3)


@given(shift=st.floats(-0.5, 0.5), factor=st.floats(0.5, 2.0))
def test_no_interval_of_a_normal_scores_better_than_its_quantiles(shift: float, factor: float) -> None:
    truth, half = norm.ppf((np.arange(ROWS) + 0.5) / ROWS), norm.ppf(0.975)
    best = interval_score(truth, np.full(ROWS, -half), np.full(ROWS, half), 0.95)
    other = interval_score(truth, np.full(ROWS, shift - factor * half), np.full(ROWS, shift + factor * half), 0.95)

    assert other >= best - 0.01


def test_right_quantiles_cover_what_they_say() -> None:
    truth = norm.ppf((np.arange(ROWS) + 0.5) / ROWS)
    scores = regression_scores(truth, normal_forecast(ROWS), {})

    assert scores["cover95"] == pytest.approx(0.95)
    assert scores["cover80"] == pytest.approx(0.8)
    assert scores["rmse"] == pytest.approx(1.0, rel=0.01)
    assert scores["is80"] < scores["is95"]


def test_rows_with_narrow_intervals_come_first() -> None:
    width = np.arange(100.0)[::-1]
    covered = (width >= 50).astype(float)

    assert coverage_by_width(covered, width) == [0.0] * 5 + [1.0] * 5


def test_words_that_few_rows_have_are_left_out() -> None:
    words = {"colour": ["red"] * 20 + ["blue"] * 25 + ["green"] * 19}
    covered = np.array([1.0] * 20 + [0.0] * 25 + [1.0] * 19)

    assert coverage_by_category(covered, words) == {"colour=red": (20, 1.0), "colour=blue": (25, 0.0)}


def test_intervals_become_quantiles_in_order() -> None:
    halves = [norm.ppf(0.5 + coverage / 2) for coverage in COVERAGES]
    intervals = [(np.full(2, -half), np.full(2, half)) for half in halves]
    forecast = Forecast.of_intervals(np.zeros(2), intervals, 1.0)

    assert forecast.quantiles == pytest.approx(np.tile(norm.ppf(LEVELS), (2, 1)))
    assert set(MIDPOINTS) <= set(LEVELS)
    assert forecast.at(0.975)[0] == pytest.approx(1.96, abs=0.001)


def test_log_loss_and_accuracy_of_classes() -> None:
    classes = Classes(("no", "yes"), np.array([[0.8, 0.2], [0.4, 0.6], [0.7, 0.3]]))
    scores = classification_scores(["no", "yes", "yes"], classes)

    assert scores["log_loss"] == pytest.approx(-np.mean(np.log([0.8, 0.6, 0.3])))
    assert scores["accuracy"] == pytest.approx(2 / 3)


def test_a_class_that_training_has_not_seen_costs_much_but_is_finite() -> None:
    scores = classification_scores(["maybe"], Classes(("no", "yes"), np.array([[0.5, 0.5]])))

    assert scores["log_loss"] == pytest.approx(-np.log(1e-15))
