"""Training: from a table and options to a checkpoint. Here is the one loop over epochs."""

from collections.abc import Callable
from dataclasses import asdict, dataclass

import numpy as np

from model.activations import FloatArray
from model.checkpoint import Checkpoint, Report
from model.dataset import Dataset
from model.errors import OptionsError, TrainingFailed
from model.network import Architecture, Network
from model.predictor import Predictor
from model.scaler import SCALINGS
from model.scores import regression_scores
from model.signature import Signature
from model.trainers import Epoch, NetworkOptions, Trainer

OnEpoch = Callable[[int, float], object]
"""(epochs so far, loss): called after each epoch. To cancel the training it raises `TrainingCancelled`."""

DIVERGED = 1000
"""A training whose loss exceeds its start's so many times has diverged."""


@dataclass(frozen=True, eq=False)
class TrainingSpec:
    """All that determines a checkpoint: equal specs give equal checkpoints."""

    signature: Signature
    dataset: Dataset
    """In the table's own units."""
    network: NetworkOptions
    trainer: Trainer
    seed: int = 0


@dataclass(frozen=True, eq=False)
class Fit:
    """What one network's training came to."""

    parameters: FloatArray
    loss: float
    epochs: int
    stopped_because: str
    curve: tuple[tuple[int, float], ...]
    """(epoch, loss), thinned out as the epochs go on."""


def train(spec: TrainingSpec, on_epoch: OnEpoch = lambda _epoch, _loss: None) -> Checkpoint:
    """Scale the table, train the ensemble, score it.

    Raises `OptionsError` if the options do not fit the table, `TrainingFailed` if no usable network
    came out, and whatever `on_epoch` raises.
    """
    scaling = SCALINGS[spec.network.scaling]
    features = scaling.features(spec.dataset.features, spec.signature.features)
    targets = scaling.targets(spec.dataset.targets, spec.signature.targets)
    scaled = Dataset(features.apply(spec.dataset.features), targets.apply(spec.dataset.targets))
    architecture = _architecture(spec.network, scaled)
    fits: list[Fit] = []
    for member in range(spec.trainer.members):
        rng = np.random.default_rng([spec.seed, member])
        start = architecture.initialise(rng, spec.trainer.initialisation)
        fits.append(fit(spec.trainer, start, scaled, rng, _counting_on(on_epoch, sum(done.epochs for done in fits))))
    parameters = np.stack([done.parameters for done in fits])
    predictor = Predictor(spec.signature, architecture, parameters, features, targets)
    return Checkpoint(predictor, _report(spec, predictor, fits))


def fit(trainer: Trainer, network: Network, dataset: Dataset, rng: np.random.Generator, on_epoch: OnEpoch) -> Fit:
    """The loop: ask a trainer for epochs until it ends, its epochs or its patience run out, or it diverges."""
    course = _Course(trainer, network.parameters)
    with np.errstate(all="ignore"):  # a training that diverges is told so by the course, not by warnings
        for epoch, state in enumerate(trainer.epochs(network, dataset, rng)):
            course.follow(epoch, state)
            on_epoch(epoch, state.loss)
            if course.stopped_because:
                break
    return course.fit()


class _Course:
    """How one network's training goes: its learning curve, what is worth keeping, why it stops."""

    def __init__(self, trainer: Trainer, start: FloatArray) -> None:
        self.stopped_because = ""
        self._max_epochs = self._stop_at = trainer.max_epochs
        self._patience = trainer.patience
        self._limit = float(np.finfo(float).max)
        self._curve: list[tuple[int, float]] = []
        self._next_point = 0.0
        self._epoch = 0
        self._kept = self._last = Epoch(np.inf, start)

    def follow(self, epoch: int, state: Epoch) -> None:
        """Take note of an epoch. Raises `TrainingFailed` if the loss has run away."""
        self._epoch, self._last = epoch, state
        if not state.loss <= self._limit:  # so written, it holds for NaN too
            raise TrainingFailed(_diverged(epoch, state.loss))
        if epoch >= self._next_point:
            self._mark_curve()
        if self._patience is not None and state.loss < self._kept.loss:
            self._kept, self._stop_at = state, min(self._max_epochs, epoch + self._patience)
        if epoch >= self._stop_at:
            self.stopped_because = "max_epochs" if epoch >= self._max_epochs else "patience"

    def _mark_curve(self) -> None:
        if self._epoch == 0:
            self._limit = DIVERGED * max(self._last.loss, 1e-12)
        self._curve.append((self._epoch, self._last.loss))
        self._next_point = self._epoch * 1.05

    def fit(self) -> Fit:
        """Sum up: with patience the parameters of the lowest loss are kept, without it the last ones."""
        if self._curve[-1][0] < self._epoch:
            self._mark_curve()
        kept = self._last if self._patience is None else self._kept
        return Fit(kept.parameters, kept.loss, self._epoch, self.stopped_because or "converged", tuple(self._curve))


def _diverged(epoch: int, loss: float) -> str:
    grew = f"grew beyond {DIVERGED} times its start" if np.isfinite(loss) else "is no longer a finite number"
    return f"the training diverged: at epoch {epoch} the loss {grew}; try a smaller learning_rate"


def _counting_on(on_epoch: OnEpoch, before: int) -> OnEpoch:
    return lambda epoch, loss: on_epoch(before + epoch, loss)


def _architecture(options: NetworkOptions, scaled: Dataset) -> Architecture:
    if options.output_activation == "sigmoid" and scaled.targets.min() < 0:
        raise OptionsError(
            "a network with sigmoid outputs answers between 0 and 1 (scaled), but a target is below 0: "
            'choose "output_activation": "identity", or "scaling": "bounds" with declared bounds'
        )
    sizes = (scaled.features.shape[1], *options.hidden_layers, scaled.targets.shape[1])
    return Architecture(sizes, options.activation, options.output_activation, options.bias)


def _report(spec: TrainingSpec, predictor: Predictor, fits: list[Fit]) -> Report:
    predicted = predictor.predict(spec.dataset.features)
    best = min(fits, key=lambda done: done.loss)
    return Report(
        trainer={"name": spec.trainer.name, **asdict(spec.trainer)},  # type: ignore[call-overload]
        network=asdict(spec.network),
        seed=spec.seed,
        rows=len(spec.dataset),
        epochs=sum(done.epochs for done in fits),
        stopped_because=best.stopped_because,
        loss=best.loss,
        scores={
            column.name: regression_scores(spec.dataset.targets[:, k], predicted[:, k])
            for k, column in enumerate(spec.signature.targets)
        },
        learning_curve=best.curve,
        warnings=(),
    )
