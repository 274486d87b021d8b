"""The report of a classifier: what answers in which shares, how it was judged, and what is not to be trusted."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

from model.arrays import FloatArray
from model.fitting.classes.conduct import ClassFit
from model.fitting.classes.contract import ClassTask
from model.fitting.classes.networks import NetworkCandidate
from model.fitting.classes.scoring import log_loss
from model.fitting.ensemble_fitter import EnsembleFitter
from model.fitting.inspection import find_outlying_cells, find_wide_table, inspect
from model.fitting.reporting import OVER_BUDGET, measure_moves, scale_relevances, skip, training_facts
from model.fitting.spec import TrainingSpec
from model.predictors import Classifier
from model.report import CandidateReport, Report
from model.scores import classification_scores
from model.trainers import Fit


class ClassOutcome(NamedTuple):
    """What a training came to, apart from the classifier."""

    task: ClassTask
    fit: ClassFit
    fitter: EnsembleFitter


def report_classes(spec: TrainingSpec, classifier: Classifier, outcome: ClassOutcome) -> Report:
    """Return the report of a trained mixture of classes."""
    name, fit, labels = spec.signature.targets[0].name, outcome.fit, outcome.task.labels
    known = classifier.predict(spec.dataset.features).probabilities
    return Report(
        **_network_facts(spec, outcome),
        scores={name: classification_scores(labels, known)},
        warnings=tuple(_find_odd(spec, classifier, outcome.task)),
        leave_one_out={},
        noise={},
        evidence=None,
        effective_parameters=None,
        relevance=scale_relevances(spec.signature.features, measure_class_moves(classifier, spec)),
        held_out={name: classification_scores(fit.labels, fit.unseen)},
        attempts=tuple(skip(f"candidate: {each}", OVER_BUDGET) for each in fit.over_budget),
        candidates=tuple(describe_candidates(name, fit)),
        judged_by=outcome.task.folds.describe(),
    )


def measure_class_moves(classifier: Classifier, spec: TrainingSpec) -> FloatArray:
    """(features,): how far probabilities move if a feature's cells are exchanged among rows."""

    def answer(features: FloatArray) -> FloatArray:
        return classifier.mixture.probabilities(classifier.category_encoding.apply(features))

    return measure_moves(answer, spec)


def describe_candidates(name: str, fit: ClassFit) -> Iterable[CandidateReport]:
    """Yield what each candidate was worth; the first is the class shares, beside which the others gain."""
    said = zip(fit.logits, fit.weighted.temperatures.tolist(), strict=True)
    losses = [log_loss(logits, fit.labels, temperature) for logits, temperature in said]
    for each, weight, loss in zip(fit.candidates, fit.weighted.weights.tolist(), losses, strict=True):
        yield CandidateReport(each.name, {name: weight}, {}, losses[0] - loss, {name: loss})


def _network_facts(spec: TrainingSpec, outcome: ClassOutcome) -> dict[str, Any]:
    """Return what is told of the networks with the largest weight; of none, where none has any."""
    networks = [each for each in outcome.fit.candidates if isinstance(each, NetworkCandidate) and each.fits]
    weights = dict(zip((each.name for each in outcome.fit.candidates), outcome.fit.weighted.weights, strict=True))
    best = max(networks, key=lambda each: float(weights[each.name]), default=None)
    fits: Sequence[Fit] = best.fits if best else [_no_fit(outcome.fit)]
    facts = training_facts(spec, fits, outcome.fitter.epochs)
    return {**facts, "parameters": best.architecture.parameter_count if best else 0}


def _no_fit(fit: ClassFit) -> Fit:
    loss = classification_scores(fit.labels, fit.unseen)["log_loss"] or 0.0
    return Fit(np.empty(0), loss, 0, "converged", ((0, loss),), None)


def _find_odd(spec: TrainingSpec, classifier: Classifier, task: ClassTask) -> Iterable[str]:
    encoding = classifier.category_encoding
    yield from inspect(spec.signature, encoding.fill_missing(spec.dataset))
    yield from find_wide_table(*task.columns.shape)
    yield from find_outlying_cells(encoding.columns(spec.signature), task.columns, task.limits)
