"""Candidates for classes that are networks; without hidden layers that is softmax regression.

The precision of the weights' prior is sought on a grid, by the log-loss of unseen rows. As a rule that loss has one
minimum along the grid, so the search goes down from the middle and ends where it rises. Scaling is made anew in each fold.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from model.arrays import FloatArray, IntArray
from model.fitting.classes.contract import PRIOR_ROWS, ClassTask
from model.fitting.classes.scoring import log_loss
from model.fitting.ensemble_fitter import EnsembleFitter
from model.network import Architecture, Ensemble, Network
from model.predictors import ClassNetworks
from model.table import Dataset, NetworkInputs, standardise
from model.trainers import LBFGS, Fit, NetworkOptions, Trainer

ALPHAS = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
"""Precisions of the weights' prior that are tried where none is chosen."""
LINEAR_ALPHAS = (0.001, 0.01, 0.1, 1.0, 3.0, 10.0, 30.0, 100.0)
START_ALPHA = 3.0
FOLD_NUMBER = 1000
"""Networks of folds have numbers from here on, so that no start is used twice."""


class NetworkKind(NamedTuple):
    """A kind of network."""

    name: str
    options: NetworkOptions
    alphas: tuple[float, ...] = ALPHAS


class NetworkCandidate:
    """Networks of one kind."""

    prior_rows = PRIOR_ROWS

    def __init__(
        self,
        task: ClassTask,
        kind: NetworkKind,
        trainer: Trainer,
        fitter: EnsembleFitter,
        near: "NetworkCandidate | None" = None,
    ) -> None:
        """Prepare; the search for a precision begins at the one that another candidate has found."""
        self.name = kind.name
        self._near = near
        self.fits: tuple[Fit, ...] = ()
        """Of the networks that were trained on all rows."""
        self._task, self._kind, self._fitter = task, kind, fitter
        self._trainer = trainer

    @property
    def cost(self) -> float:
        """See `ClassCandidate`."""
        networks = len(self._alphas) / 2 * len(self._task.folds.judged) + self._trainer.members
        epochs = min(self._trainer.max_epochs, 100)
        return networks * epochs * self._trainer.epoch_cost(self.architecture, len(self._task.columns))

    @property
    def chosen(self) -> Trainer:
        """The trainer with the precision that was chosen."""
        return self._found[0]

    @property
    def architecture(self) -> Architecture:
        """The shape of each network."""
        options, (inputs, _) = self._kind.options, self._whole
        sizes = (len(inputs.source), *options.hidden_layers, self._task.classes)
        return Architecture(sizes, options.activation, "identity", options.bias)

    def judge(self) -> FloatArray:
        """See `ClassCandidate`."""
        return self._found[1][None]

    def fit(self, share: float) -> ClassNetworks:
        """See `ClassCandidate`. Softmax regression has one minimum, so one network is enough."""
        members = max(1, int(np.ceil(share * self._trainer.members))) if self._kind.options.hidden_layers else 1
        inputs, table = self._whole
        self.fits = self._fitter.fit_networks(self.chosen, self.architecture, table, range(members))
        return ClassNetworks(inputs, Ensemble(self.architecture, np.stack([done.parameters for done in self.fits])))

    @cached_property
    def _found(self) -> tuple[Trainer, FloatArray]:
        """Return the trainer with the alpha of the least log-loss, and the logits (judged rows, classes)."""
        if not self._alphas:
            return self._trainer, self._judge(self._trainer)
        trainers = [replace(self._trainer, alpha=alpha) for alpha in self._alphas]  # type: ignore[type-var]
        logits = [np.empty(0)] * len(trainers)

        def score(place: int) -> float:
            logits[place] = self._judge(trainers[place])
            return log_loss(logits[place][None], self._task.judged_labels)

        best = search_down(score, len(trainers), self._find_start())
        return trainers[best], logits[best]

    def _find_start(self) -> int:
        """Return the place on the grid where the search begins."""
        found = self._near and getattr(self._near.chosen, "alpha", None)
        return int(np.abs(np.log(self._alphas) - np.log(found or START_ALPHA)).argmin())

    @property
    def _alphas(self) -> tuple[float, ...]:
        return self._kind.alphas if isinstance(self._trainer, LBFGS) and self._trainer.alpha is None else ()

    @cached_property
    def _whole(self) -> tuple[NetworkInputs, Dataset]:
        return _read(self._task, np.arange(len(self._task.columns)))

    @cached_property
    def _tables(self) -> dict[int, tuple[NetworkInputs, Dataset]]:
        """For each fold the other rows, if there are any."""
        folds = self._task.folds
        return {fold: _read(self._task, folds.without(fold)) for fold in folds.judged if folds.count > 1}

    def _judge(self, trainer: Trainer) -> FloatArray:
        task = self._task
        logits = np.zeros((len(task.labels), task.classes))
        for fold, (inputs, table) in self._tables.items():
            (done,) = self._fitter.fit_networks(trainer, self.architecture, table, [FOLD_NUMBER + fold])
            rows = task.folds.rows_of((fold,))
            logits[rows] = Network(self.architecture, done.parameters).forward(inputs.apply(task.columns[rows]))
        return logits[task.folds.judged_rows]


def search_down(score: Callable[[int], float], count: int, start: int) -> int:
    """Return the place, of `count`, where a score has a minimum: next to `start`, downhill, until it rises."""
    scores = {start: score(start)}
    best = start
    for step in (1, -1):
        while 0 <= best + step < count and best + step not in scores:
            scores[best + step] = score(best + step)
            if not scores[best + step] < scores[best]:
                break
            best += step
    return best


def _read(task: ClassTask, rows: IntArray) -> tuple[NetworkInputs, Dataset]:
    """Return some rows as a network learns from them."""
    (low, high), columns = task.limits, task.columns[rows]
    scaler = standardise(np.minimum(np.maximum(columns, low), high), ())
    inputs = NetworkInputs(np.arange(columns.shape[1]), low, high, scaler.offset, scaler.scale)
    targets = np.eye(task.classes)[task.labels[rows]]
    return inputs, Dataset(inputs.apply(columns), targets, loss="cross_entropy")
