"""The tutorial that Scorecast began as, to the digit: its own formulas, written down once more, against ours."""

from typing import NamedTuple

import numpy as np
import pytest

from model.arrays import FloatArray
from model.fitting.spec import TrainingSpec
from model.network.network import Architecture, Network
from model.predictors.regressor import Regressor
from model.table.dataset import Dataset
from model.trainers import GradientDescent
from model.trainers.loop import Fit, fit
from model.training import train
from tests.support.model_tables import EXAM_SCORE

HOURS = np.array([[2.0, 9.0], [1.0, 5.0], [3.0, 6.0]])
SCORES = np.array([[92.0], [86.0], [89.0]])

X = HOURS / np.array([3.0, 9.0])  # each column by its maximum
Y = SCORES / 100

ARCHITECTURE = Architecture((2, 3, 1), "sigmoid", "sigmoid", bias=False)

ON_A_PLATEAU = 6
"""A seed whose loss is still 1.1e-4 after 100,000 passes."""


class State(NamedTuple):
    """Where the tutorial's training stands."""

    W1: FloatArray
    W2: FloatArray
    o: FloatArray
    loss: float


def sigmoid(s: FloatArray) -> FloatArray:
    return 1 / (1 + np.exp(-s))


def tutorial(W1: FloatArray, W2: FloatArray, passes: int) -> State:
    """Train as the tutorial does: its formulas in its order, with nothing of ours."""
    for _ in range(passes):
        z2 = sigmoid(X @ W1)
        o = sigmoid(z2 @ W2)
        error = Y - o
        delta_o = error * o * (1 - o)
        delta_h = (delta_o @ W2.T) * z2 * (1 - z2)
        W1 = W1 + X.T @ delta_h
        W2 = W2 + z2.T @ delta_o
    o = sigmoid(sigmoid(X @ W1) @ W2)
    return State(W1, W2, o, float(np.mean((Y - o) ** 2)))


def started(*seed: int) -> Network:
    rng = np.random.default_rng(seed)
    W1, W2 = rng.standard_normal((2, 3)), rng.standard_normal((3, 1))
    return Network(ARCHITECTURE, np.concatenate([W1.ravel(), W2.ravel()]))


def weights(network: Network) -> tuple[FloatArray, FloatArray]:
    (W1, _), (W2, _) = network.layers
    return W1, W2


def fitted(start: Network, passes: int) -> Fit:
    trainer, rng = GradientDescent(max_epochs=passes), np.random.default_rng(0)
    return fit(trainer, start, Dataset(X, Y), rng, lambda *_: None)


def trained(seed: int, passes: int) -> Regressor:
    """What a request with the tutorial's table and options comes to."""
    trainer = GradientDescent(max_epochs=passes)
    predictor: Regressor = train(
        TrainingSpec(EXAM_SCORE, Dataset(HOURS, SCORES), trainer.default_network, trainer, seed)
    ).predictor
    return predictor


@pytest.mark.parametrize("seed", [0, 1, 7, ON_A_PLATEAU])
@pytest.mark.parametrize(
    ("passes", "within"), [(1, 1e-14), (1_000, 1e-12), pytest.param(100_000, 1e-9, marks=pytest.mark.slow)]
)
def test_from_the_same_start_it_ends_where_the_tutorials_formulas_do(seed: int, passes: int, within: float) -> None:
    theirs, done = tutorial(*weights(started(seed)), passes), fitted(started(seed), passes)
    network = Network(ARCHITECTURE, done.parameters)
    W1, W2 = weights(network)

    np.testing.assert_allclose(W1, theirs.W1, rtol=0, atol=within)
    np.testing.assert_allclose(W2, theirs.W2, rtol=0, atol=within)
    np.testing.assert_allclose(network.forward(X), theirs.o, rtol=0, atol=within)
    assert done.loss == pytest.approx(theirs.loss, rel=1e-6, abs=1e-18)
    assert done.epochs == passes


def test_a_training_request_is_the_tutorial_scaling_and_start_included() -> None:
    """Hours by their column's maximum, scores by 100, weights one layer after the other from a standard normal."""
    theirs = tutorial(*weights(started(3, 0)), 1_000)  # the first member of an ensemble begins at [seed, 0]
    (network,) = trained(3, 1_000).mixture.networks[0].ensemble.members
    W1, W2 = weights(network)

    np.testing.assert_allclose(W1, theirs.W1, rtol=0, atol=1e-12)
    np.testing.assert_allclose(W2, theirs.W2, rtol=0, atol=1e-12)


def test_a_question_is_scaled_by_the_columns_of_the_table_not_by_its_own_row() -> None:
    predictor = trained(3, 1_000)
    (network,) = predictor.mixture.networks[0].ensemble.members
    by_columns, by_its_row = (network.forward(np.array([row]))[0, 0] for row in ([4 / 3, 8 / 9], [4 / 8, 8 / 8]))
    answer = predictor.predict(np.array([[4.0, 8.0]]), None).mean[0, 0]

    assert answer == pytest.approx(100 * by_columns, abs=1e-10)
    assert answer != pytest.approx(100 * by_its_row, abs=0.01)


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 1, 7])
def test_the_three_scores_come_out_to_four_digits(seed: int) -> None:
    answers = trained(seed, 100_000).predict(HOURS, None).mean

    assert [f"{answer:.4g}" for answer in answers[:, 0]] == ["92", "86", "89"]
