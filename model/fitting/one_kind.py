"""Training networks of one kind, as a request chooses it: scale the table, train the ensemble, learn the noise, calibrate."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from model.arrays import FloatArray
from model.checkpoint import Checkpoint, UnseenAnswers
from model.fitting import noise_learning, transform_choice
from model.fitting.ensemble_fitter import EnsembleFitter, FittedEnsemble
from model.fitting.inspection import find_exact_fits, find_outliers, find_varying, inspect
from model.fitting.preparation import Prepared, prepare
from model.fitting.reporting import (
    COVERAGE,
    OFF,
    OVER_BUDGET,
    scale_relevances,
    score_predictions,
    skip,
    training_facts,
)
from model.fitting.spec import TrainingSpec
from model.network import Architecture
from model.posterior import LeaveOneOut
from model.predictors import Mixture, NoiseNetwork, Prediction, Regressor
from model.report import Refinement, Report
from model.table import CategoryEncoding, Signature
from model.trainers import LBFGS, Budget, LevenbergMarquardt, OnEpoch, Trainer

EXPECTED_EPOCHS = 80
"""How many epochs of Levenberg-Marquardt a network is expected to take."""

MAX_PARAMETERS = 3000
"""With more parameters, even one matrix of parameters x parameters is out of proportion."""

MAX_PRECISION_CHECK_ROWS = 500
"""So many training rows at most decide whether single precision will do."""


MAX_SATURATED_SHARE = 0.01
"""Of the targets' range; answers that vary less are as good as equal."""


def train_one_kind(spec: TrainingSpec, on_epoch: OnEpoch) -> Checkpoint[Regressor]:
    """Return a predictor of numbers, with its report."""
    category_encoding = CategoryEncoding.fit(spec.signature, spec.dataset.features)
    numbers = _encode_categories(spec, category_encoding)
    fitter = EnsembleFitter(spec.seed, Budget(spec.trainer.refinements.budget, len(spec.dataset)), on_epoch)
    with np.errstate(all="ignore"):  # a training that diverges ends with an error of its loop, not with warnings
        transforms, transforming = _choose_transforms(numbers, on_epoch)
        plain = prepare(numbers.signature, numbers.dataset, spec.network, transforms)
        trainer, replacing = _fit_into_budget(spec.trainer, plain, fitter)
        best = fitter.train(trainer, plain, range(trainer.members))
        noise, left_out, learning = _learn_noise(spec, fitter, best, plain)
        mixture = Mixture.single(best.part, noise, best.fit_quantiles(left_out))
    predictor = Regressor(
        spec.signature,
        category_encoding,
        numbers.dataset.feature_range(),
        plain.targets.with_constant_targets(find_varying(spec.dataset.targets), spec.dataset.targets),
        mixture,
    ).to_single_precision(spec.dataset.features[:: 1 + len(spec.dataset) // MAX_PRECISION_CHECK_ROWS])
    refinements = (*transforming, *replacing, *learning)
    outcome = Outcome(best, left_out, refinements, fitter.epochs)
    return Checkpoint(predictor, _report(spec, predictor, outcome), _keep_unseen(predictor, outcome))


def _encode_categories(spec: TrainingSpec, category_encoding: CategoryEncoding) -> TrainingSpec:
    """Return the same training of numbers alone."""
    signature = Signature(category_encoding.columns(spec.signature), spec.signature.targets)
    return replace(
        spec,
        signature=signature,
        dataset=replace(spec.dataset, features=category_encoding.apply(spec.dataset.features)),
    )


def _choose_transforms(spec: TrainingSpec, on_epoch: OnEpoch) -> tuple[tuple[str, ...], list[Refinement]]:
    if (spec.network.output_activation, spec.network.scaling) != ("identity", "standard"):
        none = ("identity",) * len(spec.signature.targets)
        return none, [skip(transform_choice.NAME, "outputs or scaling are chosen, and set the scale")]
    return transform_choice.choose_transforms(spec, spec.dataset.features, on_epoch)


def _fit_into_budget(trainer: Trainer, prepared: Prepared, fitter: EnsembleFitter) -> tuple[Trainer, list[Refinement]]:
    """Hand over to L-BFGS where Levenberg-Marquardt's matrices are out of proportion.

    That is so with more than 3,000 parameters, or if 80 epochs of each network would exceed the budget.
    """
    if is_in_proportion(trainer, prepared.architecture, len(prepared.scaled), fitter.budget):
        return trainer, []
    return LBFGS(members=trainer.members), [skip(trainer.name, f"{OVER_BUDGET}; L-BFGS takes over")]


def is_in_proportion(trainer: Trainer, architecture: Architecture, rows: int, budget: Budget) -> bool:
    """Whether what a trainer holds and costs is in proportion to a network: only Levenberg-Marquardt's may be out of it."""
    if not isinstance(trainer, LevenbergMarquardt):
        return True
    cost = trainer.members * EXPECTED_EPOCHS * trainer.epoch_cost(architecture, rows)
    return architecture.parameter_count <= MAX_PARAMETERS and budget.affords(cost)


def _learn_noise(
    spec: TrainingSpec, fitter: EnsembleFitter, best: FittedEnsemble, plain: Prepared
) -> tuple[NoiseNetwork | None, LeaveOneOut, list[Refinement]]:
    if not spec.trainer.refinements.noise_network:
        return None, best.left_out, [skip(noise_learning.NAME, OFF)]
    return noise_learning.learn_noise(fitter, best, plain)


class Outcome(NamedTuple):
    """What a training came to, apart from the regressor."""

    best: FittedEnsemble
    left_out: LeaveOneOut
    refinements: tuple[Refinement, ...]
    epochs: int

    @property
    def left_out_locations(self) -> FloatArray:
        """(rows, targets): what each row would be answered without it, in scaled units."""
        return self.best.prepared.scaled.targets + self.left_out.residuals


def _keep_unseen(predictor: Regressor, outcome: Outcome) -> UnseenAnswers | None:
    """Return the answers to each row without it; None where no spread can be estimated."""
    if not predictor.has_spread.any():
        return None
    locations = outcome.left_out_locations
    return UnseenAnswers.keep(np.arange(len(locations)), locations, outcome.left_out.variances)


def _report(spec: TrainingSpec, predictor: Regressor, outcome: Outcome) -> Report:
    truth, columns, best = spec.dataset.targets, spec.signature.targets, outcome.best
    evidences = [member.evidence for member in best.members]
    noise = predictor.targets.noise_in_target_units(np.sqrt(best.posterior.noise.mean(axis=0)), truth)
    known = zip(columns, noise, predictor.has_spread, strict=True)
    return Report(
        **training_facts(spec, best.fits, outcome.epochs),
        scores=score_predictions(columns, truth, predictor.predict(spec.dataset.features, None)),
        warnings=(
            *inspect(spec.signature, predictor.category_encoding.fill_missing(spec.dataset)),
            *find_exact_fits(spec.signature, best.prepared.scaled.targets, best.outputs),
            *find_outliers(spec.signature, best.left_out),
            *_find_saturated(spec.signature, best.prepared.scaled.targets, best.outputs),
        ),
        leave_one_out=score_predictions(columns, truth, _leave_one_out_predictions(predictor, outcome)),
        noise={column.name: float(level) if spread else None for column, level, spread in known},
        evidence=float(np.mean([each.value for each in evidences])),
        parameters=best.ensemble.architecture.parameter_count,
        effective_parameters=float(np.mean([each.by_group.sum() for each in evidences])),
        relevance=scale_relevances(spec.signature.features, _feature_relevance(predictor.category_encoding, best)),
        held_out={},
        attempts=outcome.refinements,
    )


def _find_saturated(signature: Signature, scaled: FloatArray, outputs: FloatArray) -> list[str]:
    """Return the targets to which a network gives the same answer for all rows, far from their mean."""
    apart = np.abs(outputs.mean(axis=0) - scaled.mean(axis=0)) > scaled.std(axis=0)
    are_equal = np.ptp(outputs, axis=0) < MAX_SATURATED_SHARE * np.ptp(scaled, axis=0)
    return [
        f"saturated: every answer for {column.name!r} is the same, and worse than the mean; try a smaller learning_rate"
        for column, found in zip(signature.targets, apart & are_equal, strict=True)
        if found
    ]


def _leave_one_out_predictions(predictor: Regressor, outcome: Outcome) -> Prediction | None:
    """Return the predictions of each row without it; None where no spread can be estimated."""
    if not predictor.has_spread.any():
        return None
    location = outcome.left_out_locations
    nothing = np.zeros((len(location), 0), dtype=np.bool_)
    return predictor.to_prediction(location, outcome.left_out.variances, COVERAGE, nothing)


def _feature_relevance(category_encoding: CategoryEncoding, best: FittedEnsemble) -> FloatArray:
    """(features,): the deviation of each one's first weights, times that of its inputs."""
    weights = np.mean([member.first_weights for member in best.members], axis=0)
    spread = best.prepared.scaled.features.std(axis=0)
    columns = np.bincount(best.prepared.network_inputs.source, weights * spread**2, len(category_encoding.source))
    return np.sqrt(np.bincount(category_encoding.source, columns, len(category_encoding.fill)))
