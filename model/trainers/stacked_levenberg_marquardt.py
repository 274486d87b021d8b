"""Levenberg-Marquardt for many networks of one shape side by side: one loop, each with its own damping, prior and end.

Members of an ensemble differ in their starts, fold networks in their rows. Each takes the steps that it would take
by itself (see `levenberg_marquardt`); only the calls are shared, which for small tables take longer than their work.
"""

from collections.abc import Sequence

import numpy as np

from model.arrays import BoolArray, IntArray
from model.network import Ensemble, Network
from model.posterior.stacked import networks_at_once
from model.table import Dataset
from model.trainers.levenberg_marquardt import LevenbergMarquardt
from model.trainers.loop import Fit, Learning, OnEpoch, _History, fit
from model.trainers.stacked_descents import StackedDescents


def fit_side_by_side(
    trainer: LevenbergMarquardt,
    starts: Ensemble,
    dataset: Dataset,
    rows_of_each: Sequence[IntArray] | None,
    on_epoch: OnEpoch,
) -> tuple[Fit, ...]:
    """Train each network of `starts` on its own rows of a scaled dataset; None: each on all of them.

    Each result is what `fit` gives for the network and its rows, up to rounding. The same call gives the same bits.
    The other networks of the call have no influence on a result but one: subsets of rows are filled up to the length of the
    longest, and sums of another length round differently. `on_epoch` gets the sum of all epochs and the mean
    loss. Raises `TrainingFailed` if any network diverges.
    """
    networks = len(starts.parameters)
    rows = rows_of_each or [np.arange(len(dataset))] * networks
    at_once = networks_at_once(starts.architecture, dataset.targets.shape[1] * max(map(len, rows)))
    fits: list[Fit] = []
    progress = _Progress(on_epoch)
    with np.errstate(all="ignore"):  # a training that diverges ends with an error of its history, not with warnings
        for first in range(0, networks, at_once):
            some = slice(first, first + at_once)
            if at_once == 1:
                fits.append(_fit_alone(trainer, starts.members[first], dataset.take(rows[first]), progress))
            else:
                stack = Ensemble(starts.architecture, starts.parameters[some])
                fits += _Stack(trainer, stack, dataset, rows[some] if rows_of_each else None).fit(progress)
    return tuple(fits)


class _Progress:
    """Adds up the epochs of all networks for the caller."""

    def __init__(self, on_epoch: OnEpoch) -> None:
        self._on_epoch = on_epoch
        self._before = 0

    def report(self, epochs: int, loss: float, network: Learning | None) -> None:
        self._on_epoch(self._before + epochs, loss, network)

    def finish(self, epochs: int) -> None:
        self._before += epochs


def _fit_alone(trainer: LevenbergMarquardt, start: Network, dataset: Dataset, progress: _Progress) -> Fit:
    done = fit(trainer, start, dataset, np.random.default_rng(0), progress.report)  # the generator is not used
    progress.finish(done.epochs)
    return done


class _Stack:
    """One stack's training: the networks still on their way, and the history of each."""

    def __init__(
        self, trainer: LevenbergMarquardt, starts: Ensemble, dataset: Dataset, rows_of_each: Sequence[IntArray] | None
    ) -> None:
        self._descents = StackedDescents(trainer, starts, dataset, rows_of_each)
        sizes = (
            [len(dataset)] * len(starts.parameters) if rows_of_each is None else [len(rows) for rows in rows_of_each]
        )
        self._histories = [_History(trainer, *one) for one in zip(starts.parameters, sizes, strict=True)]
        self._numbers = np.arange(len(self._histories))
        self._architecture = starts.architecture
        self._losses = np.zeros(len(self._histories))
        self._epochs = np.zeros(len(self._histories), dtype=np.intp)

    def fit(self, progress: _Progress) -> list[Fit]:
        """Step until all have ended."""
        ended = self._record(np.ones(len(self._numbers), dtype=np.bool_))
        while True:
            learning = (self._architecture, self._descents.parameters[0])
            progress.report(int(self._epochs.sum()), float(self._losses.mean()), learning)
            if ended.all():
                break
            if ended.any():
                staying = np.flatnonzero(~ended)
                self._numbers = self._numbers[staying]
                self._descents.take(staying)
            ended = self._record(self._descents.step()) | self._descents.has_ended
        progress.finish(int(self._epochs.sum()))
        return [history.fit() for history in self._histories]

    def _record(self, has_stepped: BoolArray) -> BoolArray:
        """Note the epochs of the networks that have stepped, and tell which were their last."""
        ended = np.zeros(len(self._numbers), dtype=np.bool_)
        losses, steps = self._descents.losses, self._descents.steps
        for place in map(int, np.flatnonzero(has_stepped)):
            number, loss = self._numbers[place], float(losses[place])
            ended[place] = self._histories[number].record(int(steps[place]), self._descents.epoch(place, loss))
            self._losses[number], self._epochs[number] = loss, steps[place]
        return ended
