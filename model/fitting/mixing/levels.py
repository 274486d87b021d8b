"""Features of many categories: each level moves the answer by an effect of its own, beside the mixture of the other columns.

As columns of 0 and 1, three hundred words would be three hundred inputs of which each row moves one. Instead, the effects
are estimated by empirical Bayes (Efron & Morris 1975) on what the other columns leave over: first beside a line, then, once
the mixture is fitted to the targets less these effects, on what the mixture says of rows that it has not seen. What a row
is told of its own level always leaves the row itself out.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from model.arrays import BoolArray, FloatArray, IntArray
from model.candidates import fit_ridge
from model.fitting.candidates import Answers, Task, fit_student
from model.fitting.mixing.calibration import Residuals, calibrate, cross_coverage
from model.fitting.mixing.conduct import MixtureFit
from model.fitting.mixing.shrinkage import Effects, Groups, shrink
from model.table import LevelEffects, Signature

MIN_LEVELS, ROWS_A_LEVEL, MAX_LEVELS, MIN_ROWS = 10, 5, 40, 30
"""A feature gets effects instead of columns from so many levels on, if they have fewer rows each or are more than the most,
and if there are so many rows at least. Where levels have slopes of their own, columns are better; else both are the same."""
ROUNDS = 3
MIN_DOF, MIN_UNIT = 1.5, 1e-9


@dataclass(frozen=True, eq=False)
class GroupEffects:
    """What is estimated of levels beside the mixture."""

    groups: tuple[Groups, ...]
    effects: tuple[tuple[Effects, ...], ...]
    """For each target, one a feature."""

    @property
    def own(self) -> FloatArray:
        """(rows, targets): what all features together add to each row, estimated without it."""
        return np.column_stack([np.sum([each.own for each in of_target], axis=0) for of_target in self.effects])

    def in_units(self, unit: FloatArray) -> "GroupEffects":
        """Return the same divided by units (targets,)."""
        pairs = zip(self.effects, unit.tolist(), strict=True)
        return replace(self, effects=tuple(tuple(each.in_units(one) for each in many) for many, one in pairs))

    @property
    def own_variance(self) -> FloatArray:
        """(rows, targets): the variances of these estimates."""
        return np.column_stack(
            [np.sum([each.own_variance for each in of_target], axis=0) for of_target in self.effects]
        )


def find_groups(signature: Signature, features: FloatArray) -> tuple[Groups, ...]:
    """Return the features of a table (rows, features) whose levels have too few rows each for columns of their own."""
    found = []
    for number, column in enumerate(signature.features):
        levels = len(column.categories)
        is_sparse = levels >= MIN_LEVELS and len(features) < ROWS_A_LEVEL * levels
        if len(features) >= MIN_ROWS and (is_sparse or levels > MAX_LEVELS):
            codes = features[:, number]
            is_known = (codes >= 0) & (codes < levels)
            found.append(Groups(number, np.where(is_known, codes, levels).astype(np.intp), levels))
    return tuple(found)


class LevelTask(NamedTuple):
    """A task in units of what levels leave over."""

    whole: Task
    rest: Task
    """Less the effects of levels."""
    apart: GroupEffects | None
    offset: FloatArray
    """(targets,): what stands for 0 of the units now, in those before."""
    unit: FloatArray
    """(targets,): what stands for 1."""


def set_levels_apart(task: Task, groups: tuple[Groups, ...]) -> LevelTask:
    """LevelTask a task into the effects of levels, as a line beside them leaves them, and the rest, of mean 0 and deviation 1."""
    if not groups:
        count = task.targets.shape[1]
        return LevelTask(task, task, None, np.zeros(count), np.ones(count))
    apart = GroupEffects(groups, tuple(_estimate(task, targets, groups) for targets in task.targets.T))
    rest = task.targets - apart.own
    offset, unit = rest.mean(axis=0), np.where(rest.std(axis=0) > MIN_UNIT, rest.std(axis=0), 1.0)
    whole, apart = (task.targets - offset) / unit, apart.in_units(unit)
    return LevelTask(replace(task, targets=whole), replace(task, targets=whole - apart.own), apart, offset, unit)


def add_levels(
    split: LevelTask, fit: MixtureFit, known: BoolArray, coverage: float
) -> tuple[MixtureFit, tuple[LevelEffects, ...], FloatArray]:
    """Return a fit whose unseen answers and quantiles count the levels in, the effects, and what they add (rows, targets).

    `fit` is that of the rest; rows are those that are judged.
    """
    task, apart = split.whole, split.apart
    rows, unseen = task.folds.judged_rows, fit.unseen.answers
    if apart is None:
        return fit, (), np.zeros_like(unseen.locations)
    if len(rows) == len(task.targets):
        apart = _refine(apart, task.targets - unseen.locations)
    shift = apart.own[rows]
    answers = Answers(unseen.locations + shift, unseen.variances + apart.own_variance[rows])
    standard = (task.targets[rows] - answers.locations) / np.sqrt(answers.variances)
    residuals = [Residuals(each) for each in standard.T]
    quantiles = calibrate(residuals, known)
    fold = task.folds.numbers[rows] if len(task.folds.judged) > 1 else np.arange(len(rows)) % 2
    inside = cross_coverage(residuals, fold, coverage)
    left = task.targets[rows] - unseen.locations
    effects = tuple(
        _to_level_effects(apart, place, rows, Answers(left, unseen.variances), quantiles.variance_factor)
        for place in range(len(apart.groups))
    )
    mixture = replace(fit.mixture, quantiles=quantiles)
    return replace(fit, mixture=mixture, unseen=replace(fit.unseen, answers=answers, inside=inside)), effects, shift


def _estimate(task: Task, targets: FloatArray, groups: Sequence[Groups]) -> tuple[Effects, ...]:
    """Estimate the effects of each feature beside a line and the other features, in turns."""
    effects = [_no_effects(each, len(targets)) for each in groups]
    for _ in range(ROUNDS):
        rest = targets - np.sum([each.own for each in effects], axis=0)
        line = fit_ridge(task.columns, rest, task.folds.numbers).out_of_fold if task.columns.shape[1] else rest.mean()
        effects = _take_turns(groups, effects, targets - line)
    return tuple(effects)


def _refine(apart: GroupEffects, residuals: FloatArray) -> GroupEffects:
    """Estimate the effects on the residuals (rows, targets) of the mixture."""
    pairs = zip(apart.effects, residuals.T, strict=True)
    return replace(apart, effects=tuple(tuple(_take_turns(apart.groups, list(old), left)) for old, left in pairs))


def _take_turns(groups: Sequence[Groups], effects: Sequence[Effects], residuals: FloatArray) -> list[Effects]:
    renewed = list(effects)
    for place, each in enumerate(groups):
        others = np.sum([effect.own for other, effect in enumerate(renewed) if other != place], axis=0)
        renewed[place] = shrink(residuals - others, each.numbers, each.levels)
    return renewed


def _no_effects(groups: Groups, rows: int) -> Effects:
    return Effects(np.zeros(groups.levels + 1), np.zeros(groups.levels + 1), np.zeros(rows), np.zeros(rows))


def _to_level_effects(
    apart: GroupEffects, place: int, rows: IntArray, left: Answers, factor: FloatArray
) -> LevelEffects:
    """Gather one feature's effects; one row of each level, as if that were unknown, tells how far off such answers are.

    `left` holds what the mixture leaves over of unseen rows, and their variances; `factor` (targets,) what the quantiles
    multiply these by.
    """
    groups = apart.groups[place]
    numbers = groups.numbers[rows]
    _, first = np.unique(numbers, return_index=True)
    scale, dof = np.ones(len(apart.effects)), np.full(len(apart.effects), float(max(len(first) - 1, 1)))
    for target, of_target in enumerate(apart.effects):
        others = np.sum([each.own for other, each in enumerate(of_target) if other != place], axis=0)
        residuals = left.locations[first, target] - (others[rows[first]] if len(of_target) > 1 else 0.0)
        squares = residuals**2 / (left.variances[first, target] + of_target[place].variance[-1])
        fit = fit_student(squares, len(first) / 2)
        scale[target] = fit.scale / factor[target] if np.isfinite(factor[target]) else 1.0
        dof[target] = max(min(fit.dof, len(first) - 1), MIN_DOF)
    location, variance = (
        np.column_stack([getattr(of_target[place], name) for of_target in apart.effects])
        for name in ("location", "variance")
    )
    return LevelEffects(np.array([groups.feature]), location, variance, scale, dof)
