"""The training loop: it asks for epochs, decides when to stop, and what to keep."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from model.arrays import FloatArray
from model.errors import TrainingFailed
from model.network import Architecture, Network
from model.posterior import Prior
from model.table import Dataset
from model.trainers.contract import Epoch, Trainer

Learning = tuple[Architecture, FloatArray]
"""A network that is being trained, as it is now: its architecture, and its parameter vector."""

OnEpoch = Callable[[int, float, Learning | None], object]
"""(epochs so far, loss, a network that learns or None): called after each epoch. To cancel the training it raises
`TrainingCancelled`."""

MAX_LOSS_RATIO = 1000
"""A training whose loss exceeds so many times its start has diverged."""

MIN_START_LOSS = 0.01
"""Of scaled targets, whose variance is about 1: a training that starts with less than this has not diverged before it is ten times
their variance off. With regularisation the loss may well rise from nearly nothing."""

MIN_GAIN_NATS = 0.01
"""By how much the evidence has to rise to count as a gain."""

LATE, MIN_GAIN_NATS_A_ROW = 40, 0.002
"""After so many epochs a gain has to be so large for each row: less changes variances by .2 %, which no answer shows. Before,
a network may rest on a plateau and yet find a way down."""


@dataclass(frozen=True, eq=False)
class Fit:
    """What one network's training came to."""

    parameters: FloatArray
    loss: float
    epochs: int
    stopped_because: str
    curve: tuple[tuple[int, float], ...]
    """(epoch, loss), thinned out as the epochs go on."""
    prior: Prior | None
    """The precisions that the trainer arrived at, if it estimates them."""


def fit(trainer: Trainer, network: Network, dataset: Dataset, rng: np.random.Generator, on_epoch: OnEpoch) -> Fit:
    """Train a network: ask a trainer for epochs until it ends, its epochs or its patience run out, or it diverges."""
    history = _History(trainer, network.parameters, len(dataset))
    with np.errstate(all="ignore"):  # a training that diverges ends with an error of `record`, not with warnings
        record = history.record
        for epoch, state in enumerate(trainer.epochs(network, dataset, rng)):
            stopped = record(epoch, state)
            on_epoch(epoch, state.loss, (network.architecture, state.parameters))
            if stopped:
                break
    return history.fit()


class _History:
    """What has happened in one network's training: its learning curve, the epoch to keep, why it stops."""

    def __init__(self, trainer: Trainer, start: FloatArray, rows: int) -> None:
        self._late_gain = max(MIN_GAIN_NATS, MIN_GAIN_NATS_A_ROW * rows)
        self._max_epochs = self._stop_at = trainer.max_epochs
        self._patience = trainer.patience
        self._limit = float(np.finfo(float).max)
        self._curve: list[tuple[int, float]] = []
        self._next_point = 0.0
        self._epoch = 0
        self._kept = self._last = Epoch(np.inf, start)

    def record(self, epoch: int, state: Epoch) -> bool:
        """Record an epoch, and tell whether it is the last. Raises `TrainingFailed` if the loss has diverged."""
        self._epoch, self._last = epoch, state
        if not state[0] <= self._limit:  # the loss; so written, it holds for NaN too
            raise TrainingFailed(_describe_divergence(epoch, state.loss))
        if epoch >= self._next_point:
            self._mark_curve()
        min_gain = self._late_gain if epoch > LATE else MIN_GAIN_NATS
        if self._patience is not None and _is_better(state, self._kept, min_gain):
            self._kept, self._stop_at = state, min(self._max_epochs, epoch + self._patience)
        return epoch >= self._stop_at

    def _mark_curve(self) -> None:
        if self._epoch == 0:
            self._limit = MAX_LOSS_RATIO * max(self._last.loss, MIN_START_LOSS)
        self._curve.append((self._epoch, self._last.loss))
        self._next_point = self._epoch * 1.05

    def fit(self) -> Fit:
        """Sum up: with patience the best parameters are kept, without it the last ones."""
        if self._curve[-1][0] < self._epoch:
            self._mark_curve()
        kept = self._last if self._patience is None else self._kept
        if not np.isfinite(kept.parameters).all():
            raise TrainingFailed(_describe_divergence(self._epoch, np.inf))
        return Fit(kept.parameters, kept.loss, self._epoch, self._stopped_because(), tuple(self._curve), kept.prior)

    def _stopped_because(self) -> str:
        if self._epoch < self._stop_at:
            return "converged"
        return "max_epochs" if self._epoch >= self._max_epochs else "patience"


def _is_better(state: Epoch, kept: Epoch, min_gain: float) -> bool:
    if state.evidence is None:
        return kept.evidence is None and state.loss < kept.loss
    return kept.evidence is None or state.evidence > kept.evidence + min_gain


def _describe_divergence(epoch: int, loss: float) -> str:
    grew = f"grew beyond {MAX_LOSS_RATIO} times its start" if np.isfinite(loss) else "is no longer a finite number"
    return f"the training diverged: at epoch {epoch} the loss {grew}; try a smaller learning_rate"
