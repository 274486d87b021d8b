"""The loop over epochs: when it stops, what it keeps, and what it lets through."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import ClassVar

import numpy as np
import pytest

from model.errors import TrainingCancelled, TrainingFailed
from model.network.network import Architecture, Network
from model.table.dataset import Dataset
from model.trainers import Epoch, GradientDescent, NetworkOptions, Refinements
from model.trainers.loop import MAX_LOSS_RATIO, MIN_START_LOSS, Fit, OnEpoch, fit

START = Network(Architecture((1, 1)), np.zeros(2))
TABLE = Dataset(np.zeros((1, 1)), np.zeros((1, 1)))


@dataclass(frozen=True)
class Scripted:
    """A trainer with these losses, and evidences if there are any; its parameters are the epoch's number."""

    name: ClassVar[str] = "scripted"
    losses: ClassVar[tuple[str, ...]] = ("squared_error",)
    default_network: ClassVar[NetworkOptions] = NetworkOptions((), "tanh", "identity", bias=True, scaling="standard")
    refinements: ClassVar[Refinements] = Refinements()
    initialisation: ClassVar[str] = "fan_in"
    members: ClassVar[int] = 1

    script: Sequence[float]
    evidences: Sequence[float] = ()
    max_epochs: int = 1000
    patience: int | None = None

    def epoch_bytes(self, architecture: Architecture, rows: int) -> float:
        return 1.0

    def epoch_cost(self, architecture: Architecture, rows: int) -> float:
        return 0.0

    def epochs(self, network: Network, dataset: Dataset, rng: np.random.Generator) -> Iterator[Epoch]:
        for number, loss in enumerate(self.script):
            # The start has no evidence: it is computed after the first step.
            evidence = self.evidences[number - 1] if number and self.evidences else None
            yield Epoch(loss, np.full(2, float(number)), evidence)


def run(trainer: Scripted, on_epoch: OnEpoch = lambda *_: None) -> Fit:
    return fit(trainer, START, TABLE, np.random.default_rng(0), on_epoch)


def kept(done: Fit) -> tuple[float, float]:
    """The number of the epoch that was kept, and its loss."""
    return float(done.parameters[0]), done.loss


def test_stops_after_max_epochs_and_keeps_the_last() -> None:
    done = run(Scripted([5, 1, 3, 2, 1], max_epochs=3))

    assert (done.epochs, done.stopped_because) == (3, "max_epochs")
    assert kept(done) == (3, 2)


def test_ends_where_the_trainer_does() -> None:
    done = run(Scripted([5, 1, 3]))

    assert (done.epochs, done.stopped_because) == (2, "converged")
    assert kept(done) == (2, 3)


def test_with_patience_it_stops_so_many_epochs_after_the_lowest_loss_and_keeps_that() -> None:
    done = run(Scripted([5, 4, 1, 2, 1, 3, 0.5], patience=3))

    assert (done.epochs, done.stopped_because) == (5, "patience")  # an equal loss at epoch 4 is no gain
    assert kept(done) == (2, 1)


def test_each_gain_renews_the_patience() -> None:
    done = run(Scripted([9, 10, 8, 10, 7, 10, 6, 10, 10, 10], patience=2))

    assert (done.epochs, done.stopped_because) == (8, "patience")
    assert kept(done) == (6, 6)


def test_patience_does_not_outlast_max_epochs() -> None:
    done = run(Scripted([5, 4, 3, 2, 1], patience=10, max_epochs=3))

    assert (done.epochs, done.stopped_because) == (3, "max_epochs")


def test_a_trainer_that_weighs_evidence_is_judged_by_it_not_by_its_loss() -> None:
    done = run(Scripted([5, 4, 3, 2, 1], evidences=[10, 30, 20, 20], patience=2))

    assert (done.epochs, done.stopped_because) == (4, "patience")
    assert kept(done) == (2, 3)


def test_evidence_that_rises_by_a_hair_is_no_gain() -> None:
    done = run(Scripted([1] * 9, evidences=[10, 10.001, 10.002, 10.003], patience=3))

    assert (done.epochs, kept(done)) == (4, (1, 1))


@pytest.mark.parametrize(
    ("script", "epoch", "reason"),
    [
        ([1, 2, 3, MAX_LOSS_RATIO + 1], 3, f"grew beyond {MAX_LOSS_RATIO} times its start"),
        ([1, np.nan], 1, "is no longer a finite number"),
        ([1, np.inf], 1, "is no longer a finite number"),
        ([np.nan], 0, "is no longer a finite number"),
        ([np.inf], 0, "is no longer a finite number"),
        ([0, MAX_LOSS_RATIO * MIN_START_LOSS + 1], 1, f"grew beyond {MAX_LOSS_RATIO} times its start"),
    ],
)
@pytest.mark.parametrize("patience", [None, 5])
def test_a_loss_that_runs_away_fails_with_the_reason(
    script: Sequence[float], epoch: int, reason: str, patience: int | None
) -> None:
    with pytest.raises(
        TrainingFailed, match=f"diverged: at epoch {epoch} the loss {reason}; try a smaller learning_rate"
    ):
        run(Scripted(script, patience=patience))


def test_a_loss_that_rises_from_nearly_nothing_has_not_diverged() -> None:
    assert run(Scripted([0, 1, 0.5])).loss == 0.5


def test_an_overflow_on_the_way_is_told_once_as_a_failure_not_as_a_warning() -> None:
    start = Network(Architecture((1, 1)), np.ones(2))
    table = Dataset(np.full((2, 1), 1e200), np.zeros((2, 1)))

    with pytest.raises(TrainingFailed, match="no longer a finite number"):
        fit(GradientDescent(), start, table, np.random.default_rng(0), lambda *_: None)


def test_a_loss_that_grows_for_a_while_is_borne() -> None:
    assert kept(run(Scripted([1, MAX_LOSS_RATIO, 0.5]))) == (2, 0.5)


def test_rounding_above_a_perfect_start_is_borne() -> None:
    assert kept(run(Scripted([0, 1e-30, 1e-15]))) == (2, 1e-15)


def test_on_epoch_hears_of_each_epoch_from_the_start_on() -> None:
    heard: list[tuple[int, float]] = []
    run(Scripted([5, 4, 3], max_epochs=2), lambda epoch, loss, _: heard.append((epoch, loss)))

    assert heard == [(0, 5), (1, 4), (2, 3)]


@pytest.mark.parametrize("error", [TrainingCancelled("enough"), KeyboardInterrupt(), ZeroDivisionError()])
def test_what_on_epoch_raises_comes_out_at_once(error: BaseException) -> None:
    heard: list[int] = []

    def on_epoch(epoch: int, *_: object) -> None:
        heard.append(epoch)
        if epoch == 2:
            raise error

    with pytest.raises(type(error)) as raised:
        run(Scripted([5, 4, 3, 2, 1]), on_epoch)

    assert raised.value is error
    assert heard == [0, 1, 2]


def test_the_curve_begins_at_the_start_ends_at_the_end_and_thins_out_between() -> None:
    script = [1 / (1 + epoch) for epoch in range(10_001)]
    epochs, losses = zip(*run(Scripted(script, max_epochs=10_000)).curve, strict=True)

    assert list(losses) == [script[epoch] for epoch in epochs]
    assert list(epochs[:20]) == list(range(20))
    assert epochs[-1] == 10_000
    assert list(epochs) == sorted(set(epochs))
    assert len(epochs) < 200
    assert max(later / sooner for sooner, later in pairwise(epochs[1:])) <= 2


def test_the_curve_of_a_training_that_never_began_has_its_start_alone() -> None:
    assert run(Scripted([5])).curve == ((0, 5),)
