"""Candidates that are networks: linear, as today's, and small ones on the columns that seem to matter.

Scaling and the choice of columns are made anew in each fold, from its rows alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from typing import NamedTuple

import numpy as np

from model.arrays import FloatArray, IntArray
from model.fitting.candidates.contract import Answers, Task, answer_by_fold
from model.fitting.candidates.scoring import is_surely_behind, score_rows
from model.fitting.candidates.screening import screen
from model.fitting.ensemble_fitter import EnsembleFitter, FittedEnsemble
from model.fitting.preparation import Prepared
from model.network import Architecture
from model.posterior import LeaveOneOut
from model.posterior.stacked import predict_rows
from model.predictors import NetworkPart
from model.table import Dataset, NetworkInputs, Scaler, Targets, standardise
from model.trainers import LevenbergMarquardt

FOLD_NUMBER = 1000
"""Networks of folds have numbers from here on, so that no start is used twice."""
EXPECTED_EPOCHS = 40
MAX_ROWS_AT_ONCE = 60
"""Of so few rows the networks of all folds and of all rows are trained side by side in hardly more time than one."""
MIN_VARIANCE = 1e-6


class Training(NamedTuple):
    """What networks are trained by."""

    trainer: LevenbergMarquardt
    fitter: EnsembleFitter
    targets: Targets


class NetworkKind(NamedTuple):
    """A kind of network."""

    name: str
    hidden_layers: tuple[int, ...]
    shares_precision: bool = False
    """Whether the weights of all inputs have one prior precision, instead of one an input."""
    is_screened: bool = False
    """Whether it reads only the columns that seem to matter."""


LINEAR = NetworkKind("linear network", (), shares_precision=True)
NETWORK = NetworkKind("network", (10, 10))
SCREENED = NetworkKind("small network on screened columns", (5,), is_screened=True)


NETWORK_NAMES = {NETWORK.name, SCREENED.name}
"""Of those with hidden units."""


@dataclass(frozen=True, eq=False)
class FittedNetworks:
    """Networks that were trained on all rows."""

    ensemble: FittedEnsemble

    @property
    def part(self) -> NetworkPart:
        """See `Fitted`."""
        return self.ensemble.part

    @property
    def left_out(self) -> LeaveOneOut:
        """See `Fitted`."""
        return self.ensemble.left_out

    @cached_property
    def effective(self) -> FloatArray:
        """See `Fitted`."""
        return np.asarray(np.mean([member.evidence.by_target for member in self.ensemble.members], axis=0))


class NetworkCandidate:
    """Networks of one kind."""

    prior, has_leverages = 1.0, True

    def __init__(self, task: Task, kind: NetworkKind, training: Training) -> None:
        self.name = kind.name
        self._task, self._kind = task, kind
        self._trainer, self._fitter, self._targets = training
        self._trained: list[FittedEnsemble] = []

    @property
    def cost(self) -> float:
        """See `Candidate`."""
        rows, folds = len(self._task.columns), self._task.folds
        networks = len(folds.judged) * (1.0 - 1.0 / folds.count) + self._count(self._trainer.members)
        return networks * EXPECTED_EPOCHS * self._trainer.epoch_cost(self._whole.architecture, rows)

    def judge(self, folds: Sequence[int]) -> Answers:
        """See `Candidate`."""
        tables = [_read(self._kind, self._task, self._task.folds.without(fold)) for fold in folds]
        trained = self._train(tables, [FOLD_NUMBER + fold for fold in folds])
        each = [
            _predict(ensemble, self._task.columns[self._task.folds.rows_of((fold,))], table)
            for fold, table, ensemble in zip(folds, tables, trained, strict=True)
        ]
        return answer_by_fold(self._task, folds, each)

    def fit(self, members: int) -> FittedNetworks:
        """See `Candidate`. Networks that ended in a poor minimum are left out."""
        count = self._count(members)
        if len(self._trained) < count:
            more = range(len(self._trained), count)
            self._trained += self._train([self._whole] * len(more), list(more))
        first, *others = self._trained[:count]
        return FittedNetworks(drop_stuck(reduce(FittedEnsemble.with_more, others, first)))

    @cached_property
    def _whole(self) -> "_Table":
        return _read(self._kind, self._task, np.arange(len(self._task.columns)))

    def _train(self, tables: Sequence["_Table"], numbers: Sequence[int]) -> list[FittedEnsemble]:
        """Train one network on each table; of few rows those of all rows beside them, which takes hardly longer."""
        count = self._count(self._trainer.members)
        beside = [] if self._trained or len(self._task.columns) > MAX_ROWS_AT_ONCE else list(range(count))
        prepared = [
            Prepared(each.inputs, self._targets, each.scaled, each.architecture)
            for each in (*tables, *[self._whole] * len(beside))
        ]
        trained = self._fitter.train_each(self._trainer, prepared, [*numbers, *beside])
        self._trained += trained[len(tables) :]
        return trained[: len(tables)]

    def _count(self, members: int) -> int:
        """A linear network has one minimum, so one is enough."""
        return members if self._kind.hidden_layers else 1


class _Table(NamedTuple):
    """Some rows, as a network learns from them."""

    inputs: NetworkInputs
    scaler: Scaler
    """Of the targets."""
    scaled: Dataset
    architecture: Architecture


def _read(kind: NetworkKind, task: Task, rows: IntArray) -> _Table:
    columns, targets, (low, high) = task.columns[rows], task.targets[rows], task.limits
    clipped = np.minimum(np.maximum(columns, low), high)
    features, scaler = standardise(clipped, ()), standardise(targets, ())
    scaled = scaler.apply(targets)
    moving = np.flatnonzero(np.ptp(clipped, axis=0) > 0)
    used = moving if len(moving) else np.arange(columns.shape[1])
    if kind.is_screened:
        used = used[screen(features.apply(clipped)[:, used], scaled)]
    inputs = NetworkInputs(used, low[used], high[used], features.offset[used], features.scale[used])
    groups = (0,) * len(used) if kind.shares_precision else None
    dataset = Dataset(inputs.apply(columns), scaled, groups)
    return _Table(inputs, scaler, dataset, Architecture((len(used), *kind.hidden_layers, targets.shape[1])))


def _predict(ensemble: FittedEnsemble, columns: FloatArray, table: _Table) -> Answers:
    """Answer columns (rows, columns) by one network, in the units of the whole table."""
    (said,) = predict_rows(ensemble.ensemble, ensemble.members, table.inputs.apply(columns))
    variances = np.maximum(said.variances, MIN_VARIANCE) * table.scaler.scale**2
    return Answers(table.scaler.invert(said.locations), variances)


def drop_stuck(ensemble: FittedEnsemble) -> FittedEnsemble:
    """Return it without networks that are surely worse than the best, judged by leave-one-out.

    That tells nothing where the parameters have used up half of the rows; then all of them stay.
    """
    effective = np.mean([member.evidence.by_group.sum() for member in ensemble.members])
    if len(ensemble.members) == 1 or effective >= len(ensemble.prepared.scaled) / 2:
        return ensemble
    scores = [_score(member.left_out) for member in ensemble.members]
    best = max(scores, key=lambda each: float(each.sum()))
    kept = [number for number, score in enumerate(scores) if not is_surely_behind(score, best)]
    return replace(
        ensemble,
        fits=tuple(ensemble.fits[number] for number in kept),
        members=tuple(ensemble.members[number] for number in kept),
    )


def _score(left_out: LeaveOneOut) -> FloatArray:
    """(rows,): the log densities of all targets together."""
    pairs = zip(left_out.residuals.T, left_out.variances.T, strict=True)
    return np.asarray(sum(score_rows(residuals, variances).log_densities for residuals, variances in pairs))
