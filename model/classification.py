"""Training a classifier: choose how far weights are held back, train the ensemble, make its probabilities honest.

Both choices are made on rows that the networks they are judged by have not seen: each third of the table is
answered by a network trained on the other two.
"""

from dataclasses import dataclass, replace

import numpy as np

from model.activations import FloatArray
from model.classifier import Classifier
from model.course import Fit, OnEpoch, fit
from model.dataset import Dataset
from model.encoding import Encoding, IntArray
from model.expansion import Expansion
from model.losses import softmax
from model.network import Architecture, Ensemble, Network
from model.scaler import standardising
from model.scores import Scores, classification_scores
from model.signature import Signature
from model.trainers import LBFGS, NetworkOptions, Trainer

FOLDS = 3
ALPHAS = (0.1, 0.3, 1.0, 3.0)
"""Precisions of the weights' prior that are tried where none is chosen."""
TEMPERATURES = np.exp(np.linspace(-1.5, 1.5, 61))


@dataclass(frozen=True, eq=False)
class TrainedClassifier:
    """A classifier, and how it came about."""

    classifier: Classifier
    trainer: Trainer
    """With what was chosen for it."""
    fits: list[Fit]
    held_out: Scores
    """On rows that the network that answered had not seen."""


def train_classifier(signature: Signature, table: Dataset, options: NetworkOptions, plan: "Plan") -> TrainedClassifier:
    """Train on features (rows, features) and the numbers of their categories (rows, 1)."""
    expansion = Expansion.of(signature, table.features)
    columns = expansion.apply(table.features)
    encoding = Encoding.plain(np.arange(columns.shape[1]), standardising(columns, expansion.columns(signature)))
    categories = len(signature.targets[0].categories)
    labels = table.targets[:, 0].astype(np.intp)
    scaled = Dataset(encoding.apply(columns), np.eye(categories)[labels], loss="cross_entropy")
    sizes = (columns.shape[1], *options.hidden_layers, categories)
    architecture = Architecture(sizes, options.activation, "identity", options.bias)
    with np.errstate(all="ignore"):  # a training that diverges is told so by its course, not by warnings
        trainer, outputs = _chosen(architecture, scaled, plan)
        fits = [_fit(architecture, scaled, replace(plan, trainer=trainer), number) for number in range(trainer.members)]
    temperature = _temperature(outputs, labels)
    ensemble = Ensemble(architecture, np.stack([done.parameters for done in fits]))
    domain = np.stack([columns.min(axis=0), columns.max(axis=0)])
    return TrainedClassifier(
        Classifier(signature, expansion, encoding, ensemble, temperature, domain),
        trainer,
        fits,
        classification_scores(labels, softmax(outputs / temperature)),
    )


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


def _chosen(architecture: Architecture, dataset: Dataset, plan: Plan) -> tuple[Trainer, FloatArray]:
    """Return the trainer with the alpha of the least held-out loss, and the held-out outputs (rows, categories)."""
    trainers: list[Trainer] = [plan.trainer]
    if isinstance(plan.trainer, LBFGS) and plan.trainer.alpha is None:
        trainers = [replace(plan.trainer, alpha=alpha) for alpha in ALPHAS]
    tried = [(trainer, _held_out(architecture, dataset, replace(plan, trainer=trainer))) for trainer in trainers]
    labels = dataset.targets.argmax(axis=1)
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
