"""From what candidates were worth to the mixture that answers."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.arrays import BoolArray, FloatArray
from model.fitting.candidates import Answers, Fitted, Task
from model.fitting.mixing.calibration import Residuals, calibrate, cross_coverage
from model.fitting.mixing.cross_fitting import CrossFitted
from model.fitting.mixing.spread import MIN_ROWS, FittedSpread, SpreadFeatures, fit_spread
from model.fitting.mixing.trust import CandidateScore
from model.predictors import Mixture, SpreadModel


@dataclass(frozen=True, eq=False)
class Weighted:
    """Candidates with what they were worth for each target."""

    judged: tuple[CrossFitted, ...]
    assessments: tuple[tuple[CandidateScore, ...], ...]
    """For each target, one a candidate."""
    weights: FloatArray
    """(candidates, targets)"""


@dataclass(frozen=True, eq=False)
class UnseenRows:
    """What the mixture said of rows that were left out."""

    answers: Answers
    """(rows, targets) each, in scaled units."""
    inside: BoolArray
    """(rows, targets): whether the truth was inside an interval that was calibrated without the row's fold."""
    spreads: tuple[FittedSpread, ...]
    """For each target."""


def assemble(
    task: Task, weighted: Weighted, fitted: Sequence[Fitted | None], known: BoolArray, coverage: float
) -> tuple[Mixture, UnseenRows]:
    """Return the mixture and what it said of unseen rows; `fitted` are the candidates trained on all rows, if they have weight."""
    targets = range(task.targets.shape[1])
    mixed = [_mix_target(task, weighted, target) for target in targets]
    residuals = [each[1] for each in mixed]
    spreads = tuple(each[2].model for each in mixed)
    answers = Answers(*(np.column_stack([each[0][place] for each in mixed]) for place in (0, 1)))
    quantiles = calibrate(residuals, known)
    served = np.flatnonzero(weighted.weights.max(axis=1) > 0).tolist()
    parts = tuple(each.part for number in served if (each := fitted[number]) is not None)
    scales = np.array([[one[number].scale for one in weighted.assessments] for number in served])
    spread = SpreadModel(spreads) if any(each is not None for each in spreads) else None
    mixture = Mixture(parts, weighted.weights[served], scales, spread, quantiles)
    fold = task.folds.numbers[task.folds.judged_rows]
    if len(task.folds.judged) == 1:  # then the rows of one fold judge each other, half by half
        fold = np.arange(len(fold)) % 2
    return mixture, UnseenRows(answers, cross_coverage(residuals, fold, coverage), tuple(each[2] for each in mixed))


def _mix_target(task: Task, weighted: Weighted, target: int) -> tuple[Answers, Residuals, FittedSpread]:
    rows = task.folds.judged_rows
    assessments, weights = weighted.assessments[target], weighted.weights[:, target]
    truth = task.targets[rows, target]
    location, variance, disagreement = mix(weights, assessments)
    features = SpreadFeatures(task.columns[rows], location, variance, disagreement, truth - location)
    fold = task.folds.numbers[rows] if len(task.folds.judged) > 1 else np.arange(len(rows)) % 5
    learns = task.learns_spread and len(rows) >= MIN_ROWS
    spread = fit_spread(features, fold, task.generator(3, target)) if learns else FittedSpread.even(len(rows))
    variance = variance * spread.factors
    standard = (truth - location) / np.sqrt(variance)
    cautious = None
    if len(rows) < MIN_ROWS:
        unseen, unseen_variance = mix_unseen(weights, assessments, weighted.judged, target)
        cautious = (truth - unseen) / np.sqrt(unseen_variance)
    return Answers(location, variance), Residuals(standard, cautious), spread


def mix(weights: FloatArray, assessments: Sequence[CandidateScore]) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the mixture's locations, variances and the disagreement in them, each (rows,)."""
    locations = np.stack([each.locations for each in assessments])
    variances = np.stack([each.scale * each.variances for each in assessments])
    return _mix(weights, locations, variances)


def mix_unseen(
    weights: FloatArray, assessments: Sequence[CandidateScore], judged: Sequence[CrossFitted], target: int
) -> tuple[FloatArray, FloatArray]:
    """Return locations and variances (rows,) by what folds say, without leverages."""
    locations = np.stack([each.answers.locations[:, target] for each in judged])
    claims = np.stack([each.answers.variances[:, target] for each in judged])
    scales = np.array([each.scale for each in assessments])
    return _mix(weights, locations, scales[:, None] * claims)[:2]


def _mix(
    weights: FloatArray, locations: FloatArray, variances: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray]:
    location = weights @ locations
    disagreement = weights @ (locations - location) ** 2
    return location, weights @ variances + disagreement, disagreement
