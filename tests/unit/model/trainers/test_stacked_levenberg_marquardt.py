"""Many networks side by side: each takes the steps that it takes by itself."""

from collections.abc import Sequence

import numpy as np
import pytest

from model.arrays import IntArray
from model.errors import TrainingCancelled
from model.network.network import Architecture, Ensemble
from model.posterior.stacked import curvatures
from model.table.dataset import Dataset
from model.trainers import Fit, LevenbergMarquardt, fit, fit_side_by_side
from tests.support.model_tables import wave

SHAPE = Architecture((3, 6, 6, 1))


@pytest.fixture(autouse=True)
def larger_stacks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So that normal equations are stacked as well, which otherwise pays only for shapes smaller than these."""
    monkeypatch.setattr(curvatures, "MAX_BYTES_EACH", 1 << 17)


def starts(architecture: Architecture, networks: int) -> Ensemble:
    rngs = [np.random.default_rng([1, number]) for number in range(networks)]
    return Ensemble(architecture, np.stack([architecture.initialise(rng).parameters for rng in rngs]))


def folds(rows: int, count: int) -> list[IntArray]:
    """All rows, and all but each of `count` folds, which may differ in length by one."""
    fold = np.random.default_rng(2).permutation(rows) % count
    return [np.arange(rows), *(np.flatnonzero(fold != left_out) for left_out in range(count))]


def nothing(*_: object) -> None:
    pass


def one_by_one(
    trainer: LevenbergMarquardt, ensemble: Ensemble, table: Dataset, rows: Sequence[IntArray]
) -> tuple[Fit, ...]:
    rng = np.random.default_rng(0)
    alone = zip(ensemble.members, rows, strict=True)
    return tuple(fit(trainer, network, table.take(mine), rng, nothing) for network, mine in alone)


def two_targets(table: Dataset) -> Dataset:
    return Dataset(table.features, np.column_stack([table.targets, table.features[:, 2] + 0.1 * table.targets[:, 0]]))


TABLES = {"dual": wave(20, 0.1), "normal equations": wave(120, 0.2), "two targets": two_targets(wave(31, 0.1))}


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("options", [{}, {"noise": "student"}, {"prior": False}], ids=str)
def test_each_network_takes_the_steps_that_it_takes_by_itself(table: str, options: dict[str, object]) -> None:
    trainer = LevenbergMarquardt(max_epochs=10, **options)  # type: ignore[arg-type]
    rows, dataset = folds(len(TABLES[table]), 3), TABLES[table]
    ensemble = starts(Architecture((3, 6, 6, dataset.targets.shape[1])), len(rows))

    together = fit_side_by_side(trainer, ensemble, dataset, rows, nothing)

    for one, other in zip(one_by_one(trainer, ensemble, dataset, rows), together, strict=True):
        assert (one.epochs, one.stopped_because) == (other.epochs, other.stopped_because)
        np.testing.assert_allclose(other.parameters, one.parameters, rtol=1e-6, atol=1e-7)
        np.testing.assert_allclose(np.array(other.curve), np.array(one.curve), rtol=1e-6, atol=1e-20)
        assert other.loss == pytest.approx(one.loss, rel=1e-6, abs=1e-20)
        assert (one.prior is None) == (other.prior is None)
        if one.prior is not None and other.prior is not None:
            np.testing.assert_allclose(other.prior.alpha, one.prior.alpha, rtol=1e-5)
            np.testing.assert_allclose(other.prior.beta, one.prior.beta, rtol=1e-5)
            assert (one.prior.root_weights is None) == (other.prior.root_weights is None)
            if one.prior.root_weights is not None and other.prior.root_weights is not None:
                np.testing.assert_allclose(other.prior.root_weights, one.prior.root_weights, rtol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("table", TABLES)
def test_at_the_end_networks_are_as_good_as_one_by_one(table: str) -> None:
    dataset = TABLES[table]
    ensemble = starts(Architecture((3, 6, 6, dataset.targets.shape[1])), 6)
    trainer = LevenbergMarquardt()

    together = fit_side_by_side(trainer, ensemble, dataset, None, nothing)

    alone = one_by_one(trainer, ensemble, dataset, [np.arange(len(dataset))] * 6)
    assert np.mean([each.loss for each in together]) == pytest.approx(np.mean([each.loss for each in alone]), rel=0.1)
    assert {each.stopped_because for each in together} <= {"patience", "max_epochs", "converged"}


def test_networks_end_by_themselves() -> None:
    """Some stop early; those that go on are not touched by that."""
    dataset, ensemble, trainer = TABLES["dual"], starts(SHAPE, 5), LevenbergMarquardt(patience=3)

    together = fit_side_by_side(trainer, ensemble, dataset, None, nothing)

    alone = one_by_one(trainer, ensemble, dataset, [np.arange(len(dataset))] * 5)
    assert [each.epochs for each in together] == [each.epochs for each in alone]
    assert len({each.epochs for each in together}) > 1


def test_a_network_comes_out_the_same_whatever_else_is_in_the_stack() -> None:
    dataset, ensemble, trainer = TABLES["dual"], starts(SHAPE, 7), LevenbergMarquardt(max_epochs=30)
    whole = fit_side_by_side(trainer, ensemble, dataset, None, nothing)

    for first, last in [(0, 2), (3, 4), (4, 7)]:
        some = fit_side_by_side(trainer, Ensemble(SHAPE, ensemble.parameters[first:last]), dataset, None, nothing)
        for one, other in zip(whole[first:last], some, strict=True):
            assert one.parameters.tobytes() == other.parameters.tobytes()


def test_the_same_call_gives_the_same_bits() -> None:
    rows = folds(20, 6)
    first, second = (
        fit_side_by_side(LevenbergMarquardt(), starts(SHAPE, 7), TABLES["dual"], rows, nothing) for _ in range(2)
    )

    assert [each.parameters.tobytes() for each in first] == [each.parameters.tobytes() for each in second]


def test_large_networks_and_long_stacks_are_parted(monkeypatch: pytest.MonkeyPatch) -> None:
    dataset, ensemble, trainer = TABLES["dual"], starts(SHAPE, 5), LevenbergMarquardt(max_epochs=10)
    whole = fit_side_by_side(trainer, ensemble, dataset, None, nothing)

    monkeypatch.setattr(curvatures, "STACK_BYTES", 2 * 8 * 20 * (SHAPE.parameter_count + 1))
    pairs = fit_side_by_side(trainer, ensemble, dataset, None, nothing)
    monkeypatch.setattr(curvatures, "MAX_BYTES_EACH", 1)
    alone = fit_side_by_side(trainer, ensemble, dataset, None, nothing)

    for one, pair, single in zip(whole, pairs, alone, strict=True):
        assert one.parameters.tobytes() == pair.parameters.tobytes()
        np.testing.assert_allclose(single.parameters, one.parameters, rtol=1e-6, atol=1e-7)


def test_a_hopeless_network_ends_and_leaves_the_others_alone() -> None:
    """A network of zeros has slopes of zero but for its last bias: singular without a prior."""
    ensemble = starts(SHAPE, 3)
    ensemble.parameters[1] = 0.0
    trainer = LevenbergMarquardt(prior=False, max_epochs=10)

    together = fit_side_by_side(trainer, ensemble, TABLES["normal equations"], None, nothing)

    alone = one_by_one(trainer, ensemble, TABLES["normal equations"], [np.arange(120)] * 3)
    assert [each.epochs for each in together] == [each.epochs for each in alone]


def test_progress_is_told_and_can_stop_it() -> None:
    told: list[tuple[int, float]] = []

    def listen(epochs: int, loss: float, _: object) -> None:
        told.append((epochs, loss))
        if epochs > 20:
            raise TrainingCancelled

    with pytest.raises(TrainingCancelled):
        fit_side_by_side(LevenbergMarquardt(), starts(SHAPE, 4), TABLES["dual"], None, listen)

    assert told[0][0] == 0
    assert [epochs for epochs, _ in told] == sorted(epochs for epochs, _ in told)
    assert told[-1][1] < told[0][1]
