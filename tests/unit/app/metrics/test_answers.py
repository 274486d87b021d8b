"""What is counted of answers: rows, seconds, what was extrapolated, and how wide intervals are; under few labels."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.counts import Counts, SharedCounts
from app.metrics import MAX_MODELS, Metrics
from app.metrics.answers import MAX_WIDTH
from app.metrics.families import DURATION, EXTRAPOLATED, MAX_FEATURES, MODEL_PREDICTIONS, OTHER, PREDICTIONS, WIDTH
from app.metrics.histogram import FEW, Histogram
from model.predictors import Classification, Prediction
from model.table import Column
from tests.support.trained import ROWS, checkpoint

SPREAD = float(ROWS[:, -1].std())


def metrics() -> Metrics:
    return Metrics(SharedCounts.of_one())


def outcome(rows: int = 1, width: float = SPREAD, *, outside: bool = False) -> Prediction:
    mean = np.full((rows, 1), 90.0)
    return Prediction(mean, mean - width / 2, mean + width / 2, np.full((rows, 2), outside))


def read(counted: Metrics, metric: str) -> dict[tuple[str, ...], float]:
    return {name[1:]: number for name, number in counted.counts.read().items() if name[0] == metric if number}


def with_features(*names: str) -> object:
    """A checkpoint whose features are called so."""
    trained = checkpoint()
    signature = replace(trained.predictor.signature, features=tuple(map(Column, names)))
    return replace(trained, predictor=replace(trained.predictor, signature=signature))


def test_rows_are_counted_and_the_seconds_of_each_answer() -> None:
    counted = metrics()
    version = counted.of_version("exam-score", checkpoint())
    version.record([0.0002, 0.3], outcome(rows=2))
    version.record([2.0], outcome(rows=100))

    assert read(counted, PREDICTIONS) == {(): 102}
    assert read(counted, MODEL_PREDICTIONS) == {("exam-score",): 102}
    assert read(counted, DURATION) == {("0.00025",): 1, ("0.5",): 1, ("+Inf",): 1, ("sum",): 2.3002}


@pytest.mark.parametrize("rows", [1, FEW - 1, FEW, 5000])
def test_rows_are_counted_for_each_feature_that_is_outside_its_range(rows: int) -> None:
    counted = metrics()
    version = counted.of_version("exam-score", checkpoint())
    found = outcome(rows)
    version.record([0.1], found)
    assert read(counted, EXTRAPOLATED) == {}
    found.extrapolated[:1, 1] = True
    version.record([0.1], found)
    assert read(counted, EXTRAPOLATED) == {("exam-score", "hours_slept"): 1}
    version.record([0.1], outcome(rows, outside=True))
    assert read(counted, EXTRAPOLATED) == {
        ("exam-score", "hours_studied"): rows,
        ("exam-score", "hours_slept"): rows + 1,
    }


@pytest.mark.parametrize("rows", [1, FEW, 5000])
def test_widths_are_shares_of_the_spread_of_the_training_s_target(rows: int) -> None:
    counted = metrics()
    counted.of_version("exam-score", checkpoint()).record([0.1], outcome(rows, width=1.4 * SPREAD))

    assert read(counted, WIDTH) == {("1.5",): rows, ("sum",): pytest.approx(1.4 * rows, rel=1e-6)}


@pytest.mark.parametrize("rows", [1, FEW])
@pytest.mark.parametrize(
    ("width", "expected"),
    [(np.nan, {}), (np.inf, {"+Inf": 1.0, "sum": MAX_WIDTH}), (1e308, {"+Inf": 1.0, "sum": MAX_WIDTH})],
)
def test_a_width_that_is_no_number_is_not_counted_and_none_is_all_that_the_sum_tells(
    rows: int, width: float, expected: dict[str, float]
) -> None:
    counted = metrics()
    counted.of_version("exam-score", checkpoint()).record([0.1], outcome(rows, width))
    assert read(counted, WIDTH) == {(part,): rows * number for part, number in expected.items()}


def test_answers_without_intervals_have_no_widths() -> None:
    counted = metrics()
    version = counted.of_version("exam-score", checkpoint())
    version.record([0.1], replace(outcome(), lower=None, upper=None))
    version.record([0.1], Classification(np.array([[0.2, 0.8]]), np.array([[False, True]])))

    assert read(counted, WIDTH) == {}
    assert read(counted, PREDICTIONS) == {(): 2}
    assert read(counted, EXTRAPOLATED) == {("exam-score", "hours_slept"): 1}


def test_models_beyond_the_limit_are_counted_together() -> None:
    counted = metrics()
    for number in range(MAX_MODELS + 10):
        fresh = replace(checkpoint())
        counted.of_version(f"model-{number}", fresh).record([0.1], outcome(outside=True))
        counted.of_version("model-0", replace(checkpoint())).record([0.1], outcome())

    found = read(counted, MODEL_PREDICTIONS)
    assert len(found) == MAX_MODELS + 1
    assert found[OTHER,] == 10
    assert found["model-0",] == MAX_MODELS + 11
    assert read(counted, PREDICTIONS) == {(): 2 * (MAX_MODELS + 10)}
    assert {labels[0] for labels in read(counted, EXTRAPOLATED)} == {labels[0] for labels in found}


def test_features_beyond_the_limit_are_counted_together() -> None:
    counted = metrics()
    rows, features = 3, MAX_FEATURES + 50
    wide = with_features(*(f"feature {number} {'ü' * 500}" for number in range(features)))
    found = replace(outcome(rows), extrapolated=np.ones((rows, features), dtype=np.bool_))
    counted.of_version("wide", wide).record([0.1], found)  # type: ignore[arg-type]
    counted.of_version("next", replace(checkpoint())).record([0.1], outcome(outside=True))

    series = read(counted, EXTRAPOLATED)
    assert sum(series.values()) == rows * features + 2
    assert len(series) <= MAX_FEATURES + 2
    assert read(counted, MODEL_PREDICTIONS) == {("wide",): rows, ("next",): 1}


@pytest.mark.parametrize("name", ["größe", '"', "\\", "{x}"])
def test_a_feature_may_be_called_as_columns_may(name: str) -> None:
    counted = metrics()
    odd = with_features(name, "other")
    counted.of_version("odd", odd).record([0.1], outcome(outside=True))  # type: ignore[arg-type]

    assert sum(read(counted, EXTRAPOLATED).values()) == 2


def test_a_version_is_looked_up_once_and_let_go_of_with_its_checkpoint() -> None:
    counted = metrics()
    kept = replace(checkpoint())
    assert counted.of_version("a", kept) is counted.of_version("a", kept)
    for _ in range(5):
        counted.of_version("a", replace(checkpoint()))
    assert len(counted._of_versions) == 1


def test_an_answer_is_counted_once_it_is_ready_and_only_if_there_is_one() -> None:
    counted = metrics()
    answer = counted.begin("exam-score", checkpoint())
    answer.end()
    assert read(counted, PREDICTIONS) == {}
    answer.note(outcome(rows=3))
    assert read(counted, PREDICTIONS) == {}
    answer.end()
    answer.end()
    assert read(counted, PREDICTIONS) == {(): 3}
    assert sum(number for part, number in read(counted, DURATION).items() if part != ("sum",)) == 1


@given(st.lists(st.floats(0, 3), max_size=3 * FEW))
def test_many_values_are_sorted_in_as_few_are(values: list[float]) -> None:
    one_by_one, together = (Histogram(Counts.private(), DURATION) for _ in range(2))
    for value in values:
        one_by_one.observe([value])
    together.observe(values)

    assert list(together._numbers[:15]) == list(one_by_one._numbers[:15])
    assert together._numbers[15] == pytest.approx(one_by_one._numbers[15])


@pytest.mark.parametrize("rows", [1, FEW])
def test_a_value_at_a_bound_is_below_it(rows: int) -> None:
    counts = Counts.private()
    Histogram(counts, DURATION).observe([0.1] * rows)
    assert counts.read()[DURATION, "0.1"] == rows
