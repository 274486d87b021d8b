"""Training a regression: candidates are judged by rows that they have not seen, mixed, and calibrated there.

A request that chooses a network, or another trainer than the default, gets that one kind alone: see `one_kind`.
"""

from dataclasses import replace

import numpy as np

from model.arrays import BoolArray, FloatArray
from model.checkpoint import Checkpoint, UnseenAnswers
from model.fitting.candidates import NETWORK_NAMES, Folds, Task, Training, choose_candidates
from model.fitting.ensemble_fitter import EnsembleFitter
from model.fitting.inspection import find_limits, find_telling_gaps, find_varying
from model.fitting.mixing import add_levels, find_groups, fit_mixture, set_levels_apart
from model.fitting.mixture_report import Outcome, report_mixture
from model.fitting.one_kind import train_one_kind
from model.fitting.reporting import COVERAGE, OFF, skip
from model.fitting.spec import TrainingSpec
from model.fitting.transform_choice import choose_transforms
from model.predictors import Regressor
from model.table import CategoryEncoding, Signature, Targets, standardise, transform_targets
from model.trainers import Budget, LevenbergMarquardt, OnEpoch

MIN_ROWS = 4
"""Of fewer rows too little is left to judge by."""

PATIENCE = 8
"""Where the request leaves it at the default: with 15 the networks took a third longer and were no better."""

INSTEAD_OF_GROWTH = "candidates of other kinds are judged instead"

MANY_ROWS, MEMBERS_OF_MANY_ROWS = 500, 0.6
"""With more rows, networks from different starts differ less: fewer will do."""

MAX_PRECISION_CHECK_ROWS = 500
"""So many training rows at most decide whether single precision will do."""


def train_regression(spec: TrainingSpec, on_epoch: OnEpoch) -> Checkpoint[Regressor]:
    """Return a predictor of numbers, with its report."""
    varying = find_varying(spec.dataset.targets)
    if isinstance(spec.trainer, LevenbergMarquardt) and _leaves_the_choice(spec, spec.trainer) and varying.any():
        return _train_mixture(spec, spec.trainer, varying, on_epoch)
    return train_one_kind(spec, on_epoch)


def _leaves_the_choice(spec: TrainingSpec, trainer: LevenbergMarquardt) -> bool:
    """Whether a request for Levenberg-Marquardt leaves it open which network is trained, and rows are enough to judge."""
    is_default = spec.network == trainer.default_network and trainer.prior and trainer.noise == "normal"
    return is_default and len(spec.dataset) >= MIN_ROWS


def _train_mixture(
    spec: TrainingSpec, trainer: LevenbergMarquardt, varying: BoolArray, on_epoch: OnEpoch
) -> Checkpoint[Regressor]:
    fitter = EnsembleFitter(spec.seed, Budget(trainer.budget, len(spec.dataset)), on_epoch)
    groups = find_groups(spec.signature, spec.dataset.features)
    encoding = CategoryEncoding.fit(
        spec.signature,
        spec.dataset.features,
        find_telling_gaps(spec.signature, spec.dataset),
        [each.feature for each in groups],
    )
    columns = encoding.apply(spec.dataset.features)
    with np.errstate(all="ignore"):  # what is not finite loses by its score, and needs no warning
        names, transforming = choose_transforms(spec, columns, on_epoch)
        targets, scaled = scale_targets(spec.signature, names, spec.dataset.targets)
        split = set_levels_apart(make_task(spec, columns, scaled), groups)
        targets = targets.in_units(split.offset, split.unit)
        choice = choose_candidates(split.rest, Training(_adjust(trainer), fitter, targets))
        if trainer.budget is not None and set(choice.over_budget) >= NETWORK_NAMES:
            return train_one_kind(spec, on_epoch)  # which knows what a small budget can bear
        fit = fit_mixture(split.rest, choice.candidates, _count_members(trainer, len(scaled)), varying, COVERAGE)
        fit, effects, shift = add_levels(split, fit, varying, COVERAGE)
        domain = np.stack([columns.min(axis=0), columns.max(axis=0)])
        targets = targets.with_constant_targets(varying, spec.dataset.targets)
        regressor = Regressor(spec.signature, encoding, domain, targets, fit.mixture, effects)
        regressor = regressor.to_single_precision(spec.dataset.features[:: 1 + len(scaled) // MAX_PRECISION_CHECK_ROWS])
        attempts = (*transforming, skip("growth", INSTEAD_OF_GROWTH if trainer.growth else OFF))
        outcome = Outcome(split.whole, choice, fit, fitter, attempts, shift)
        unseen = UnseenAnswers.keep(split.whole.folds.judged_rows, *fit.unseen.answers)
        return Checkpoint(regressor, report_mixture(spec, regressor, outcome), unseen)


def scale_targets(signature: Signature, transforms: tuple[str, ...], values: FloatArray) -> tuple[Targets, FloatArray]:
    """Return how targets (rows, targets) are transformed and scaled, and the scaled ones."""
    transformed = transform_targets(signature.targets, transforms, values)
    scaler = standardise(transformed, signature.targets)
    return Targets(signature.targets, scaler, transforms), scaler.apply(transformed)


def make_task(spec: TrainingSpec, columns: FloatArray, scaled: FloatArray) -> Task:
    """Return what the candidates learn: columns (rows, columns) and scaled targets (rows, targets), folds drawn."""
    folds = Folds.draw(np.column_stack([columns, scaled]), np.random.default_rng([spec.seed, 77]))
    return Task(columns, scaled, folds, find_limits(columns), spec.seed, spec.trainer.refinements.noise_network)


def _adjust(trainer: LevenbergMarquardt) -> LevenbergMarquardt:
    is_default = trainer.patience == LevenbergMarquardt().patience
    return replace(trainer, patience=PATIENCE) if is_default else trainer


def _count_members(trainer: LevenbergMarquardt, rows: int) -> int:
    return trainer.members if rows <= MANY_ROWS else max(1, round(MEMBERS_OF_MANY_ROWS * trainer.members))
