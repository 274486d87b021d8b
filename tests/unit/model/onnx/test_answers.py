"""onnxruntime answers from a file what the service answers: every part, column, transform and spread."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given

from model.arrays import FloatArray
from model.network.activations import ACTIVATIONS
from model.predictors import Classifier, Mixture, Regressor
from model.table import CategoryEncoding, Column, Scaler, Signature, Targets
from tests.support.asked import BOUNDS, KINDS, Asked, classifiers, draw_rows, regressors
from tests.support.predictors import Maker
from tests.unit.model.onnx.running import export, run

DOUBLE, FLOAT = 1e-9, 1e-5


def check_numbers(predictor: Regressor, features: FloatArray, precision: str = "double") -> None:
    """Compare means and intervals, relative to the largest of each target."""
    answered = run(export(predictor, coverage=0.8, precision=precision), predictor.signature, features)
    expected = predictor.predict(features, 0.8)
    for place, column in enumerate(predictor.signature.targets):
        for name, values in (("", expected.mean), ("_lower", expected.lower), ("_upper", expected.upper)):
            assert values is not None
            compare(answered[column.name + name][:, 0], values[:, place], precision)


def check_classes(predictor: Classifier, features: FloatArray, precision: str = "double") -> None:
    answered = run(export(predictor, precision=precision), predictor.signature, features)
    expected = predictor.predict(features)
    words = np.array(predictor.signature.targets[0].categories)
    compare(answered["y_probabilities"], expected.probabilities, precision)
    best = np.sort(expected.probabilities, axis=1)
    is_clear = best[:, -1] - best[:, -2] > 1e-6
    assert (answered["y"][is_clear, 0] == words[expected.most_probable[is_clear]]).all()


def compare(answered: FloatArray, expected: FloatArray, precision: str) -> None:
    tolerance = DOUBLE if precision == "double" else FLOAT
    np.testing.assert_allclose(answered, expected, tolerance, tolerance * np.abs(expected).max(initial=0.0))


def to_floats(asked: Asked) -> FloatArray:
    """Return the features as a user has them whose numbers are floats; dates are doubles always."""
    are_dates = [column.is_date for column in asked.predictor.signature.features]
    return np.where(are_dates, asked.features, asked.features.astype(np.float32).astype(np.float64))


@pytest.mark.slow
@given(regressors())
def test_numbers_and_their_intervals(asked: Asked) -> None:
    check_numbers(asked.predictor, asked.features)


@pytest.mark.slow
@given(classifiers())
def test_classes_and_their_probabilities(asked: Asked) -> None:
    check_classes(asked.predictor, asked.features)


@pytest.mark.slow
@given(regressors())
def test_numbers_that_come_and_go_as_floats(asked: Asked) -> None:
    check_numbers(asked.predictor, to_floats(asked), "float")


@pytest.mark.slow
@given(classifiers())
def test_classes_of_numbers_that_come_as_floats(asked: Asked) -> None:
    check_classes(asked.predictor, to_floats(asked), "float")


@pytest.mark.slow
@given(regressors())
def test_an_answer_without_an_interval_is_the_same(asked: Asked) -> None:
    predictor = asked.predictor
    answered = run(export(predictor, coverage=0.5), predictor.signature, asked.features)
    expected = predictor.predict(asked.features, None).mean
    for place, column in enumerate(predictor.signature.targets):
        compare(answered[column.name][:, 0], expected[:, place], "double")


COLUMNS = (Column("a"), Column("b"))


def single(part: Any, transform: str, *, are_empirical: bool = False) -> Regressor:
    """A regressor of one part that reads two numbers as they are."""
    rng = np.random.default_rng(3)
    maker = Maker(rng, draw_rows(COLUMNS, 40, rng), 1)
    mixture = Mixture.single(part(maker), None, maker.quantiles(are_empirical=are_empirical))
    target = Column("y", None, *BOUNDS[transform])
    targets = Targets((target,), Scaler(np.array([0.3]), np.array([1.2])), (transform,))
    encoding = CategoryEncoding.fit(Signature(COLUMNS, (target,)), maker.columns)
    domain = np.stack([maker.columns.min(axis=0), maker.columns.max(axis=0)])
    return Regressor(Signature(COLUMNS, (target,)), encoding, domain, targets, mixture)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("output", sorted(ACTIVATIONS))
@pytest.mark.parametrize("activation", sorted(ACTIVATIONS))
def test_every_activation(activation: str, output: str, bias: bool) -> None:
    predictor = single(lambda maker: maker.networks((activation, output, bias)), "identity")
    check_numbers(predictor, draw_rows(COLUMNS, 20, np.random.default_rng(5)))


@pytest.mark.parametrize("are_empirical", [True, False])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("transform", sorted(BOUNDS))
def test_every_transform_with_every_candidate(transform: str, kind: str, are_empirical: bool) -> None:
    predictor = single(
        lambda maker: maker.part(kind, ("tanh", "identity", True)), transform, are_empirical=are_empirical
    )
    check_numbers(predictor, draw_rows(COLUMNS, 20, np.random.default_rng(5)))


@pytest.mark.parametrize("rows", [0, 1])
def test_no_row_is_answered_with_nothing_and_one_by_itself(rows: int) -> None:
    predictor = single(lambda maker: maker.networks(("tanh", "identity", True)), "log")
    check_numbers(predictor, draw_rows(COLUMNS, rows, np.random.default_rng(5)))
