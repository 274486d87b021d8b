"""Classification: from a spec whose target is a category to a classifier and its report."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from model.activations import FloatArray
from model.attempt import FEW_ROWS, OFF, TOO_DEAR, Attempt, skipped
from model.checkpoint import Checkpoint
from model.classifier import Classifier, softmax
from model.course import Fit
from model.domain import Domain
from model.inspection import inspect
from model.network import Ensemble, Network
from model.preparation import Prepared, prepare
from model.report import Report, course_report, feature_relevance, relevances
from model.scores import Scores, classification_scores
from model.spec import TrainingSpec
from model.trainers import LBFGS, Trainer
from model.workshop import Workshop

FOLDS = 5
ALPHAS = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0)
"""Precisions of the weights' prior that cross-validation chooses from."""
FIRST = 3

LOG_TEMPERATURES = np.linspace(-1.5, 1.5, 61)
"""The temperatures that are tried, as logarithms."""


class Unseen(NamedTuple):
    """What networks say of rows that they have not learned from."""

    logits: FloatArray
    """(rows, categories)"""
    truth: FloatArray
    """(rows,): places of the categories."""

    def told(self, temperature: float) -> Scores:
        """Score the probabilities at a temperature."""
        return classification_scores(self.truth, softmax(self.logits / temperature, axis=1))

    def temperature(self) -> float:
        """Return the temperature at which the truth is most probable (Guo et al. 2017).

        A weak prior around 1 keeps it finite where no row is told wrongly.
        """
        count = len(self.truth)
        losses = [
            count * (self.told(float(np.exp(t)))["log_loss"] or 0.0) + 0.5 * (t / 0.5) ** 2 for t in LOG_TEMPERATURES
        ]
        return float(np.exp(LOG_TEMPERATURES[int(np.argmin(losses))]))

    @property
    def loss(self) -> float:
        """Mean log loss at the best temperature, in nats."""
        return self.told(self.temperature())["log_loss"] or 0.0


def train_classifier(spec: TrainingSpec, workshop: Workshop) -> Checkpoint:
    """Choose the prior by cross-validation, train the ensemble, calibrate its probabilities, score."""
    prepared = prepare(spec.signature, spec.dataset, spec.network)
    trainer, unseen, attempts = _chosen(spec.trainer, prepared, workshop)
    temperature = unseen.temperature() if len(unseen.truth) else 1.0
    fits = workshop.fits(trainer, prepared, range(trainer.members))
    ensemble = Ensemble(prepared.architecture, np.stack([done.parameters for done in fits]))
    domain = Domain.of(spec.signature.features, spec.dataset.features)
    classifier = Classifier(spec.signature, ensemble, prepared.encoding, np.array([temperature]), domain)
    report = _report(spec, classifier, Course(prepared, fits, workshop.epochs, unseen, attempts))
    return Checkpoint(classifier, report)


def _chosen(trainer: Trainer, prepared: Prepared, workshop: Workshop) -> tuple[Trainer, Unseen, tuple[Attempt, ...]]:
    """Return the trainer with its prior chosen, what it says of unseen rows, and what was tried."""
    name = "cross-validation of the weights' prior"
    folds = _folds(trainer, prepared, workshop)
    if not isinstance(trainer, LBFGS) or trainer.alpha is not None:
        return trainer, _unseen(trainer, prepared, workshop, folds), (skipped(name, OFF),)
    tried: dict[int, Unseen] = {}

    def loss(place: int) -> float:
        if not 0 <= place < len(ALPHAS):
            return np.inf
        if place not in tried:
            tried[place] = _unseen(replace(trainer, alpha=ALPHAS[place]), prepared, workshop, folds)
        return tried[place].loss

    best = FIRST
    if folds < FOLDS:
        chosen = replace(trainer, alpha=ALPHAS[best])
        because = TOO_DEAR if folds else FEW_ROWS.format(FOLDS)
        return chosen, _unseen(chosen, prepared, workshop, folds), (skipped(name, because),)
    way = 1 if loss(best + 1) < loss(best) else -1
    while loss(best + way) < loss(best):
        best += way
    gain = (tried[FIRST].loss - tried[best].loss) * len(prepared.scaled)
    attempt = Attempt(name, "kept", f"alpha {ALPHAS[best]:g} makes unseen rows most probable", gain)
    return replace(trainer, alpha=ALPHAS[best]), tried[best], (attempt,)


def _folds(trainer: Trainer, prepared: Prepared, workshop: Workshop) -> int:
    """How many folds are left out in turn: all five where the budget affords that for three priors, or one to calibrate with."""
    if len(prepared.scaled) < FOLDS:
        return 0
    cost = trainer.max_epochs * trainer.epoch_cost(prepared.architecture, len(prepared.scaled))
    return FOLDS if workshop.budget.affords(cost * (3 * FOLDS + trainer.members)) else 1


def _unseen(trainer: Trainer, prepared: Prepared, workshop: Workshop, folds: int) -> Unseen:
    """Train a network without each fold, and ask it about that; the folds are dealt category by category."""
    scaled = prepared.scaled
    places = scaled.targets.argmax(axis=1)
    order = np.random.default_rng([workshop.seed, FOLDS]).permutation(len(scaled))
    fold_of = np.empty(len(scaled), dtype=np.intp)
    fold_of[order[np.argsort(places[order], kind="stable")]] = np.arange(len(scaled)) % FOLDS
    logits, truth = [np.empty((0, scaled.targets.shape[1]))], [np.empty(0)]
    for fold in range(folds):
        seen = replace(prepared, scaled=scaled.take(np.flatnonzero(fold_of != fold)))
        (done,) = workshop.fits(trainer, seen, [fold])
        network = Network(prepared.architecture, done.parameters)
        logits.append(network.forward(scaled.features[fold_of == fold]))
        truth.append(places[fold_of == fold].astype(np.float64))
    return Unseen(np.concatenate(logits), np.concatenate(truth))


class Course(NamedTuple):
    """How a classifier came about."""

    prepared: Prepared
    fits: tuple[Fit, ...]
    epochs: int
    unseen: Unseen
    attempts: tuple[Attempt, ...]


def _report(spec: TrainingSpec, classifier: Classifier, course: Course) -> Report:
    target = spec.signature.targets[0].name
    told = classifier.predict(spec.dataset.features).probabilities
    assert told is not None  # noqa: S101  a classifier's always are
    temperature = float(classifier.temperature[0])
    none: Scores = {"accuracy": None, "log_loss": None}
    weights = [classifier.ensemble.architecture.layers(done.parameters)[0][0] for done in course.fits]
    relevance = feature_relevance(
        course.prepared, np.mean(np.square(weights), axis=(0, 2)), len(spec.signature.features)
    )
    calibration = Attempt("temperature", "kept", f"logits are divided by {temperature:.2f}")
    return Report(
        **course_report(spec, course.fits, course.epochs),
        scores={target: classification_scores(spec.dataset.targets[:, 0], told)},
        warnings=tuple(inspect(spec.signature, spec.dataset)),
        leave_one_out={target: course.unseen.told(temperature) if len(course.unseen.truth) else none},
        noise={target: None},
        evidence=None,
        parameters=classifier.ensemble.architecture.parameter_count,
        effective_parameters=None,
        relevance=relevances(spec.signature.features, relevance),
        attempts=(*course.attempts, calibration),
    )
