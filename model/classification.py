"""Training a classifier: choose how far weights are held back, train the ensemble, make its probabilities honest.

Both choices are made on rows that the networks they are judged by have not seen: each third of the table is
answered by a network trained on the other two.
"""

from dataclasses import asdict, dataclass, replace

import numpy as np

from model.activations import FloatArray
from model.checkpoint import Checkpoint
from model.classifier import Classifier
from model.course import Fit, OnEpoch, fit
from model.dataset import Dataset
from model.encoding import Encoding, IntArray
from model.errors import OptionsError
from model.expansion import Expansion
from model.inspection import inspect
from model.losses import softmax
from model.network import Architecture, Ensemble, Network
from model.report import Report, relevances
from model.scaler import standardising
from model.scores import Scores, classification_scores
from model.spec import TrainingSpec
from model.trainers import LBFGS, Trainer

FOLDS = 3
ALPHAS = (0.1, 0.3, 1.0, 3.0)
"""Precisions of the weights' prior that are tried where none is chosen."""
TEMPERATURES = np.exp(np.linspace(-1.5, 1.5, 61))


def train_classifier(spec: TrainingSpec, on_epoch: OnEpoch) -> Checkpoint[Classifier]:
    """Return a predictor of categories, with its report.

    Raises `OptionsError` if the trainer is for numbers alone.
    """
    if "cross_entropy" not in spec.trainer.losses:
        raise OptionsError(
            f"trainer {spec.trainer.name!r} predicts numbers, not categories: leave it out, or take 'lbfgs'"
        )
    expansion = Expansion.of(spec.signature, spec.dataset.features)
    columns = replace(spec.dataset, features=expansion.apply(spec.dataset.features))
    scaler = standardising(columns.features, expansion.columns(spec.signature))
    encoding = Encoding.plain(np.arange(len(expansion.source)), scaler)
    labels = spec.dataset.targets[:, 0].astype(np.intp)
    targets = np.eye(len(spec.signature.targets[0].categories))[labels]
    scaled = Dataset(encoding.apply(columns.features), targets, loss="cross_entropy")
    sizes = (scaled.features.shape[1], *spec.network.hidden_layers, targets.shape[1])
    architecture = Architecture(sizes, spec.network.activation, "identity", spec.network.bias)
    with np.errstate(all="ignore"):  # a training that diverges is told so by its course, not by warnings
        plan, outputs = _chosen(architecture, scaled, Plan(spec.trainer, spec.seed, on_epoch))
        fits = [_fit(architecture, scaled, plan, number) for number in range(plan.trainer.members)]
    temperature = _temperature(outputs, labels)
    ensemble = Ensemble(architecture, np.stack([done.parameters for done in fits]))
    domain = columns.range_of_features()
    classifier = Classifier(spec.signature, expansion, encoding, ensemble, np.array([temperature]), domain)
    held_out = classification_scores(labels, softmax(outputs / temperature))
    return Checkpoint(classifier, _report(replace(spec, trainer=plan.trainer), classifier, fits, held_out))


@dataclass(frozen=True)
class Plan:
    """How a training is gone about."""

    trainer: Trainer
    seed: int
    on_epoch: OnEpoch


def _fit(architecture: Architecture, dataset: Dataset, plan: Plan, member: int) -> Fit:
    rng = np.random.default_rng([plan.seed, member])
    start = architecture.initialise(rng, plan.trainer.initialisation)
    return fit(plan.trainer, start, dataset, rng, plan.on_epoch)


def _chosen(architecture: Architecture, dataset: Dataset, plan: Plan) -> tuple[Plan, FloatArray]:
    """Return the plan with the alpha of the least held-out loss, and the held-out outputs (rows, categories)."""
    plans = [plan]
    if isinstance(plan.trainer, LBFGS) and plan.trainer.alpha is None:
        plans = [replace(plan, trainer=replace(plan.trainer, alpha=alpha)) for alpha in ALPHAS]
    labels = dataset.targets.argmax(axis=1)
    tried = [(each, _held_out(architecture, dataset, each)) for each in plans]
    return min(tried, key=lambda each: _log_loss(each[1], labels))


def _held_out(architecture: Architecture, dataset: Dataset, plan: Plan) -> FloatArray:
    """Return for each row the outputs of a network that was trained without the row's fold."""
    fold = np.random.default_rng(plan.seed).permutation(len(dataset)) % FOLDS
    outputs = np.zeros_like(dataset.targets)
    for number in range(min(FOLDS, len(dataset))):
        rest = np.flatnonzero(fold != number)
        if len(rest):
            done = _fit(architecture, dataset.take(rest), plan, FOLDS + number)
            outputs[fold == number] = Network(architecture, done.parameters).forward(dataset.features[fold == number])
    return outputs


def _temperature(outputs: FloatArray, labels: IntArray) -> float:
    """Return the temperature under which held-out outputs say best how sure they may be."""
    return float(min(TEMPERATURES, key=lambda temperature: _log_loss(outputs / temperature, labels)))


def _log_loss(outputs: FloatArray, labels: IntArray) -> float:
    loss = classification_scores(labels, softmax(outputs))["log_loss"]
    return np.inf if loss is None else loss


def _report(spec: TrainingSpec, classifier: Classifier, fits: list[Fit], held_out: Scores) -> Report:
    name, labels = spec.signature.targets[0].name, spec.dataset.targets[:, 0].astype(np.intp)
    best = min(fits, key=lambda done: done.loss)
    probabilities = classifier.predict(spec.dataset.features).probabilities
    return Report(
        trainer={"name": spec.trainer.name, **asdict(spec.trainer)},  # type: ignore[call-overload]
        network=asdict(spec.network),
        seed=spec.seed,
        rows=len(spec.dataset),
        epochs=sum(done.epochs for done in fits),
        stopped_because=best.stopped_because,
        loss=best.loss,
        scores={name: classification_scores(labels, probabilities)},
        learning_curve=best.curve,
        warnings=tuple(inspect(spec.signature, classifier.expansion.filled(spec.dataset))),
        leave_one_out={},
        noise={},
        evidence=None,
        parameters=classifier.ensemble.architecture.parameter_count,
        effective_parameters=None,
        relevance=relevances(spec.signature.features, _feature_relevance(classifier)),
        held_out={name: held_out},
        attempts=(),
    )


def _feature_relevance(classifier: Classifier) -> FloatArray:
    """(features,): the size of the first weights that leave each one's columns, which are standardised."""
    first = np.mean([network.layers[0][0] ** 2 for network in classifier.ensemble.members], axis=(0, 2))
    return np.sqrt(np.bincount(classifier.expansion.source, first, len(classifier.expansion.fill)))
