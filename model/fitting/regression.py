"""Training a regression: scale the table, train the ensemble, try what goes beyond it, calibrate, score."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from model.arrays import FloatArray
from model.checkpoint import Checkpoint
from model.fitting import noise_learning, transform_choice
from model.fitting.ensemble_fitter import Candidate, Workshop
from model.fitting.growth import grow
from model.fitting.inspection import exact_fits, inspect, outliers, varying
from model.fitting.preparation import Prepared, prepare
from model.fitting.reporting import COVERAGE, OFF, TOO_DEAR, of_courses, relevances, scores, skipped
from model.fitting.spec import TrainingSpec
from model.posterior import LeaveOneOut
from model.predictors import NoiseNetwork, Prediction, Predictor
from model.report import Attempt, Report
from model.table import Expansion, Signature
from model.trainers import LBFGS, Budget, LevenbergMarquardt, OnEpoch, Trainer

EXPECTED_EPOCHS = 80
"""Of Levenberg-Marquardt, for each network."""

MOST_PARAMETERS = 3000
"""With more, even one matrix of parameters x parameters is out of proportion."""

JUDGES = 500
"""Rows, at the most, that tell whether single precision will do."""


def train_regression(spec: TrainingSpec, on_epoch: OnEpoch) -> Checkpoint[Predictor]:
    """Return a predictor of numbers, with its report."""
    expansion = Expansion.of(spec.signature, spec.dataset.features)
    numbers = _expanded(spec, expansion)
    workshop = Workshop(spec.seed, Budget(spec.trainer.refinements.budget, len(spec.dataset)), on_epoch)
    with np.errstate(all="ignore"):  # a training that diverges is told so by its course, not by warnings
        transforms, bending = _transforms(numbers, workshop)
        plain = prepare(numbers.signature, numbers.dataset, spec.network, transforms)
        trainer, replacing = _affordable(spec.trainer, plain, workshop)
        base = workshop.train(trainer, plain, range(trainer.members))
        best, growing = _grown(numbers, trainer, workshop, base)
        noise, left_out, heeding = _noise(spec, workshop, best, plain)
        posterior = best.posterior(left_out)
    predictor = Predictor(
        spec.signature,
        best.ensemble,
        best.prepared.encoding,
        plain.targets.steadied(varying(spec.dataset.targets)),
        posterior,
        noise,
        numbers.dataset.range_of_features(),
        expansion,
    ).in_single_precision(spec.dataset.features[:: 1 + len(spec.dataset) // JUDGES])
    attempts = (*bending, *replacing, *growing, *heeding)
    return Checkpoint(predictor, _report(spec, predictor, Outcome(best, left_out, attempts, workshop.epochs)))


def _expanded(spec: TrainingSpec, expansion: Expansion) -> TrainingSpec:
    """Return the same training of numbers alone."""
    signature = Signature(expansion.columns(spec.signature), spec.signature.targets)
    return replace(
        spec, signature=signature, dataset=replace(spec.dataset, features=expansion.apply(spec.dataset.features))
    )


def _transforms(spec: TrainingSpec, workshop: Workshop) -> tuple[tuple[str, ...], list[Attempt]]:
    name, none = transform_choice.NAME, ("identity",) * len(spec.signature.targets)
    if not spec.trainer.refinements.target_transform:
        return none, [skipped(name, OFF)]
    if (spec.network.output_activation, spec.network.scaling) != ("identity", "standard"):
        return none, [skipped(name, "outputs or scaling are chosen, and set the scale")]
    return transform_choice.choose_transforms(workshop, spec.signature, spec.dataset, spec.network)


def _affordable(trainer: Trainer, prepared: Prepared, workshop: Workshop) -> tuple[Trainer, list[Attempt]]:
    """Hand over to L-BFGS where Levenberg-Marquardt's matrices are out of proportion.

    That is so with more than 3,000 parameters, or if 80 epochs of each network would exceed the budget.
    """
    if not isinstance(trainer, LevenbergMarquardt):
        return trainer, []
    cost = trainer.members * EXPECTED_EPOCHS * trainer.epoch_cost(prepared.architecture, len(prepared.scaled))
    if prepared.architecture.parameter_count <= MOST_PARAMETERS and workshop.budget.affords(cost):
        return trainer, []
    return LBFGS(members=trainer.members), [skipped(trainer.name, f"{TOO_DEAR}; L-BFGS takes over")]


def _grown(
    spec: TrainingSpec, trainer: Trainer, workshop: Workshop, base: Candidate
) -> tuple[Candidate, list[Attempt]]:
    if not spec.trainer.refinements.growth:
        return base, [skipped("growth", OFF)]
    if spec.network != spec.trainer.default_network:
        return base, [skipped("growth", "the network is chosen")]
    if not isinstance(trainer, LevenbergMarquardt):
        return base, [skipped("growth", TOO_DEAR)]
    return grow(workshop, trainer, base, spec.dataset.features)


def _noise(
    spec: TrainingSpec, workshop: Workshop, best: Candidate, plain: Prepared
) -> tuple[NoiseNetwork | None, LeaveOneOut, list[Attempt]]:
    if not spec.trainer.refinements.noise_network:
        return None, best.left_out, [skipped(noise_learning.NAME, OFF)]
    return noise_learning.learn_noise(workshop, best, plain)


class Outcome(NamedTuple):
    """What a training came to, apart from what answers questions."""

    best: Candidate
    left_out: LeaveOneOut
    attempts: tuple[Attempt, ...]
    epochs: int


def _report(spec: TrainingSpec, predictor: Predictor, outcome: Outcome) -> Report:
    truth, columns, best = spec.dataset.targets, spec.signature.targets, outcome.best
    weighed = [member.weighed for member in best.members]
    noise = predictor.targets.noise_in_units(np.sqrt(predictor.posterior.noise.mean(axis=0)), truth)
    known = zip(columns, noise, predictor.has_spread, strict=True)
    return Report(
        **of_courses(spec, best.fits, outcome.epochs),
        scores=scores(columns, truth, predictor.predict(spec.dataset.features, None)),
        warnings=(
            *inspect(spec.signature, predictor.expansion.filled(spec.dataset)),
            *exact_fits(spec.signature, best.prepared.scaled.targets, best.outputs),
            *outliers(spec.signature, best.left_out),
        ),
        leave_one_out=scores(columns, truth, _left_out_answers(predictor, outcome)),
        noise={column.name: float(level) if spread else None for column, level, spread in known},
        evidence=float(np.mean([each.evidence for each in weighed])),
        parameters=predictor.ensemble.architecture.parameter_count,
        effective_parameters=float(np.mean([each.by_group.sum() for each in weighed])),
        relevance=relevances(spec.signature.features, _feature_relevance(predictor.expansion, best)),
        held_out={},
        attempts=outcome.attempts,
    )


def _left_out_answers(predictor: Predictor, outcome: Outcome) -> Prediction | None:
    """What would be said of each row without it; None where no spread can be estimated."""
    if not predictor.has_spread.any():
        return None
    location = outcome.best.prepared.scaled.targets + outcome.left_out.residuals
    nothing = np.zeros((len(location), 0), dtype=np.bool_)
    return predictor.answer(location, outcome.left_out.variances, COVERAGE, nothing)


def _feature_relevance(expansion: Expansion, best: Candidate) -> FloatArray:
    """(features,): how widely each one's first weights spread, times how widely its inputs do."""
    weights = np.mean([member.first_weights for member in best.members], axis=0)
    spread = best.prepared.scaled.features.std(axis=0)
    columns = np.bincount(best.prepared.encoding.source, weights * spread**2, len(expansion.source))
    return np.sqrt(np.bincount(expansion.source, columns, len(expansion.fill)))
