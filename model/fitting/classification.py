"""Training a classifier: choose the precision of the weights' prior, train the ensemble, calibrate its probabilities.

Both choices are made on rows that the networks have not seen: each third of the table is predicted by a network
trained on the other two.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from model.arrays import FloatArray, IntArray
from model.checkpoint import Checkpoint
from model.errors import OptionsError
from model.fitting.ensemble_fitter import EnsembleFitter
from model.fitting.inspection import inspect
from model.fitting.reporting import scale_relevances, training_facts
from model.fitting.spec import TrainingSpec
from model.network import Architecture, Ensemble, Network, softmax
from model.predictors import Classifier
from model.report import Report
from model.scores import Scores, classification_scores
from model.table import CategoryEncoding, Dataset, NetworkInputs, standardise
from model.trainers import LBFGS, Budget, Fit, OnEpoch, Trainer

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
    category_encoding = CategoryEncoding.fit(spec.signature, spec.dataset.features)
    columns = replace(spec.dataset, features=category_encoding.apply(spec.dataset.features))
    scaler = standardise(columns.features, category_encoding.columns(spec.signature))
    network_inputs = NetworkInputs.from_scaler(np.arange(len(category_encoding.source)), scaler)
    labels = spec.dataset.targets[:, 0].astype(np.intp)
    targets = np.eye(len(spec.signature.targets[0].categories))[labels]
    scaled = Dataset(network_inputs.apply(columns.features), targets, loss="cross_entropy")
    sizes = (scaled.features.shape[1], *spec.network.hidden_layers, targets.shape[1])
    architecture = Architecture(sizes, spec.network.activation, "identity", spec.network.bias)
    fitter = EnsembleFitter(spec.seed, Budget(spec.trainer.refinements.budget, len(spec.dataset)), on_epoch)
    with np.errstate(all="ignore"):  # a training that diverges ends with an error of its loop, not with warnings
        trainer, outputs = _choose_trainer(fitter, spec.trainer, architecture, scaled)
        fits = fitter.fit_networks(trainer, architecture, scaled, range(trainer.members))
    temperature = _fit_temperature(outputs, labels)
    ensemble = Ensemble(architecture, np.stack([done.parameters for done in fits]))
    domain = columns.feature_range()
    classifier = Classifier(
        spec.signature, category_encoding, network_inputs, ensemble, np.array([temperature]), domain
    )
    held_out = classification_scores(labels, softmax(outputs / temperature))
    return Checkpoint(classifier, _report(replace(spec, trainer=trainer), classifier, fits, held_out))


def _choose_trainer(
    fitter: EnsembleFitter, trainer: Trainer, architecture: Architecture, dataset: Dataset
) -> tuple[Trainer, FloatArray]:
    """Return the trainer with the alpha of the least held-out loss, and the held-out outputs (rows, categories)."""
    trainers = [trainer]
    if isinstance(trainer, LBFGS) and trainer.alpha is None:
        trainers = [replace(trainer, alpha=alpha) for alpha in ALPHAS]
    labels = dataset.targets.argmax(axis=1)
    tried = [(each, _predict_held_out(fitter, each, architecture, dataset)) for each in trainers]
    return min(tried, key=lambda each: _log_loss(each[1], labels))


def _predict_held_out(
    fitter: EnsembleFitter, trainer: Trainer, architecture: Architecture, dataset: Dataset
) -> FloatArray:
    """Return for each row the outputs of a network that was trained without the row's fold."""
    fold = np.random.default_rng(fitter.seed).permutation(len(dataset)) % FOLDS
    outputs = np.zeros_like(dataset.targets)
    for number in range(min(FOLDS, len(dataset))):
        rest = np.flatnonzero(fold != number)
        if len(rest):
            (done,) = fitter.fit_networks(trainer, architecture, dataset.take(rest), [FOLDS + number])
            outputs[fold == number] = Network(architecture, done.parameters).forward(dataset.features[fold == number])
    return outputs


def _fit_temperature(outputs: FloatArray, labels: IntArray) -> float:
    """Return the temperature under which held-out outputs have the least log loss (Guo et al. 2017)."""
    return float(min(TEMPERATURES, key=lambda temperature: _log_loss(outputs / temperature, labels)))


def _log_loss(outputs: FloatArray, labels: IntArray) -> float:
    loss = classification_scores(labels, softmax(outputs))["log_loss"]
    return np.inf if loss is None else loss


def _report(spec: TrainingSpec, classifier: Classifier, fits: Sequence[Fit], held_out: Scores) -> Report:
    name, labels = spec.signature.targets[0].name, spec.dataset.targets[:, 0].astype(np.intp)
    probabilities = classifier.predict(spec.dataset.features).probabilities
    return Report(
        **training_facts(spec, fits, sum(done.epochs for done in fits)),
        scores={name: classification_scores(labels, probabilities)},
        warnings=tuple(inspect(spec.signature, classifier.category_encoding.fill_missing(spec.dataset))),
        leave_one_out={},
        noise={},
        evidence=None,
        parameters=classifier.ensemble.architecture.parameter_count,
        effective_parameters=None,
        relevance=scale_relevances(spec.signature.features, _feature_relevance(classifier)),
        held_out={name: held_out},
        attempts=(),
    )


def _feature_relevance(classifier: Classifier) -> FloatArray:
    """(features,): the size of the first weights that leave each one's columns, which are standardised."""
    first = np.mean([network.layers[0][0] ** 2 for network in classifier.ensemble.members], axis=(0, 2))
    return np.sqrt(np.bincount(classifier.category_encoding.source, first, len(classifier.category_encoding.fill)))
