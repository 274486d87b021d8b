"""Gradient descent: its steps, written down once more; its minimum; its threads."""

from concurrent.futures import ThreadPoolExecutor
from itertools import islice, pairwise

import numpy as np
import pytest

from model.arrays import FloatArray
from model.network.derivatives import loss_and_gradient
from model.network.network import Architecture, Network
from model.table.dataset import Dataset
from model.trainers import GradientDescent
from tests.support.model_tables import wave

TABLE = wave(10, 0.1)
START = Architecture((3, 4, 1)).initialise(np.random.default_rng(0))


def path(trainer: GradientDescent, epochs: int, seed: int = 0) -> FloatArray:
    """The parameters after each epoch, one a row."""
    stages = trainer.epochs(START, TABLE, np.random.default_rng(seed))
    return np.array([epoch.parameters for epoch in islice(stages, epochs + 1)])


def gradient(parameters: FloatArray, table: Dataset = TABLE) -> FloatArray:
    return loss_and_gradient(Network(START.architecture, parameters), table.features, table.targets)[1]


def test_each_step_is_the_learning_rate_times_the_summed_gradient() -> None:
    steps = path(GradientDescent(learning_rate=0.03), 5)

    for before, after in pairwise(steps):
        np.testing.assert_allclose(after, before - 0.03 * gradient(before), rtol=1e-12, atol=1e-14)


def test_with_momentum_each_step_holds_a_share_of_the_last() -> None:
    steps = path(GradientDescent(learning_rate=0.03, momentum=0.9), 6)
    velocity = np.zeros(steps.shape[1])
    for before, after in pairwise(steps):
        velocity = 0.9 * velocity + 0.03 * gradient(before)
        np.testing.assert_allclose(after, before - velocity, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("momentum", [0.0, 0.5])
@pytest.mark.parametrize("batch_size", [1, 3, 4, 5, 9])
def test_an_epoch_steps_once_for_each_mini_batch_the_smaller_last_one_included(
    batch_size: int, momentum: float
) -> None:
    steps = path(GradientDescent(learning_rate=0.03, momentum=momentum, batch_size=batch_size), 3, seed=5)
    rng, parameters = np.random.default_rng(5), steps[0]
    velocity = np.zeros_like(parameters)
    for reached in steps[1:]:
        for batch in TABLE.mini_batches(batch_size, rng):
            velocity = momentum * velocity + 0.03 * gradient(parameters, batch)
            parameters = parameters - velocity
        np.testing.assert_allclose(reached, parameters, rtol=1e-11, atol=1e-13)


def test_mini_batches_are_shuffled_by_the_seed() -> None:
    first, again, other = (path(GradientDescent(learning_rate=0.03, batch_size=3), 2, seed) for seed in (0, 0, 1))

    assert np.array_equal(first, again)
    assert not np.array_equal(first[1], other[1])


@pytest.mark.parametrize("batch_size", [10, 11, 1000])
def test_a_batch_as_large_as_the_table_is_the_whole_table(batch_size: int) -> None:
    whole = path(GradientDescent(learning_rate=0.03), 5, seed=2)

    assert np.array_equal(path(GradientDescent(learning_rate=0.03, batch_size=batch_size), 5, seed=1), whole)


@pytest.mark.parametrize(
    "trainer",
    [
        pytest.param(GradientDescent(learning_rate=0.05), id="full batch"),
        pytest.param(GradientDescent(learning_rate=0.05, momentum=0.5), id="momentum"),
    ],
)
def test_a_linear_network_comes_to_least_squares(trainer: GradientDescent) -> None:
    design = np.column_stack([TABLE.features, np.ones(len(TABLE))])
    known = np.linalg.lstsq(design, TABLE.targets[:, 0])[0]
    stages = trainer.epochs(Network(Architecture((3, 1)), np.zeros(4)), TABLE, np.random.default_rng(0))
    last = next(islice(stages, 2000, None))

    np.testing.assert_allclose(last.parameters, known, rtol=1e-8)
    assert last.loss == pytest.approx(float(np.mean((design @ known - TABLE.targets[:, 0]) ** 2)))


def test_momentum_needs_fewer_epochs_in_a_narrow_valley() -> None:
    table = Dataset(TABLE.features * [1.0, 0.1, 0.1], TABLE.targets)
    start = Network(Architecture((3, 1)), np.zeros(4))
    losses = []
    for momentum in (0.0, 0.9):
        trainer = GradientDescent(learning_rate=0.02, momentum=momentum)
        losses.append(next(islice(trainer.epochs(start, table, np.random.default_rng(0)), 300, None)).loss)

    assert losses[1] < losses[0]


@pytest.mark.slow
@pytest.mark.parametrize("batch_size", [None, 3])
def test_trainings_in_threads_do_not_meet(batch_size: int | None) -> None:
    trainer = GradientDescent(learning_rate=0.03, batch_size=batch_size)
    alone = [path(trainer, 100, seed) for seed in range(8)]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda seed: path(trainer, 100, seed), range(8)))

    assert np.array_equal(alone, together)


def test_a_network_can_be_asked_while_another_thread_trains_from_it() -> None:
    answer = START.forward(TABLE.features)
    with ThreadPoolExecutor(2) as pool:
        training = pool.submit(path, GradientDescent(learning_rate=0.03), 300)
        answers = [START.forward(TABLE.features)]
        while not training.done():
            answers.append(START.forward(TABLE.features))

    assert all(np.array_equal(each, answer) for each in answers)
