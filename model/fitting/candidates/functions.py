"""Candidates that know one target at a time and no variance of their own: the mean, boosted trees, a kernel machine.

How far off a tree or a kernel machine may be is the mean square of what it says of rows that it has not seen.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from model.arrays import FloatArray, IntArray
from model.candidates import (
    Fit,
    KernelMachine,
    KernelOptions,
    ObliviousTrees,
    TreeOptions,
    fit_kernel_machine,
    fit_oblivious_trees,
    kernel_machine_cost,
    oblivious_trees_cost,
    tree_options,
)
from model.fitting.candidates.contract import Answers, Task, answer_by_fold
from model.predictors import CandidatePart, ConstantPart, Part
from model.table import NetworkInputs

MEAN_PRIOR = 3.0
MIN_TREE_ROWS, MIN_KERNEL_ROWS = 20, 40
"""Below, they add nothing to networks that is worth their time."""
TYPICAL_SHARE = 0.2
"""Of the trees that may be grown, so many are, as a rule."""
NESTED_ROWS = 600
"""Up to so many rows a kernel machine's metric is learned anew without each fold: one that saw the rows it is judged by
would flatter it (of 40 rows of 80 columns, each of which matters a little, it told an error of .52 where the true one was 1.08)."""
KERNEL = KernelOptions(rounds=3)
MIN_VARIANCE = 1e-12
FEW_ROWS = 60


def choose_tree_options(rows: int, columns: int) -> TreeOptions:
    """Return options for trees that do not stand alone: faster than their defaults, for 1 % of their own accuracy."""
    usual = tree_options(rows, columns)
    if rows < FEW_ROWS:
        return replace(usual, rate=0.2, max_trees=100, patience=15)
    return replace(usual, rate=0.1, max_trees=1000, patience=30)


@dataclass(frozen=True, eq=False)
class FittedFunction:
    """A candidate without leverages, fitted to all rows."""

    part: Part
    left_out: None = None
    effective: None = None


@dataclass(frozen=True, eq=False)
class MeanCandidate:
    """The mean: nothing is known of a row."""

    task: Task
    name, prior, cost, has_leverages = "mean", MEAN_PRIOR, 0.0, False

    def judge(self, folds: Sequence[int]) -> Answers:
        """See `Candidate`."""
        each = []
        for fold in folds:
            location, variance = self._describe(self.task.targets[self.task.folds.without(fold)])
            shape = (len(self.task.folds.rows_of((fold,))), len(location))
            each.append(Answers(np.broadcast_to(location, shape), np.broadcast_to(variance, shape)))
        return answer_by_fold(self.task, folds, each)

    def fit(self, members: int) -> FittedFunction:  # noqa: ARG002
        """See `Candidate`."""
        return FittedFunction(ConstantPart(*self._describe(self.task.targets)))

    @staticmethod
    def _describe(targets: FloatArray) -> tuple[FloatArray, FloatArray]:
        rows = len(targets)
        variance = targets.var(axis=0, ddof=min(1, rows - 1)) * (1.0 + 1.0 / rows)
        return targets.mean(axis=0), variance + MIN_VARIANCE


class TreesCandidate:
    """Boosted oblivious trees."""

    name, prior, has_leverages = "trees", 1.0, False

    def __init__(self, task: Task) -> None:
        self._task = task
        self._options = choose_tree_options(*task.columns.shape)

    @property
    def cost(self) -> float:
        """See `Candidate`."""
        rows, columns = self._task.columns.shape
        one = oblivious_trees_cost(rows, columns, self._task.folds.count, self._options)
        return float(TYPICAL_SHARE * self._task.targets.shape[1] * one)

    def judge(self, folds: Sequence[int]) -> Answers:
        """See `Candidate`."""
        rows = self._task.folds.rows_of(tuple(folds))
        return _with_variance(self._task, rows, np.column_stack([each.out_of_fold[rows] for each in self._fits]))

    def fit(self, members: int) -> FittedFunction:  # noqa: ARG002
        """See `Candidate`."""
        variance = self.judge(self._task.folds.judged).variances[0]
        return FittedFunction(CandidatePart(None, tuple(each.fitted for each in self._fits), variance))

    @cached_property
    def _fits(self) -> list[Fit[ObliviousTrees]]:
        """Of all folds and of all rows: they grow in step."""
        task = self._task
        return [
            fit_oblivious_trees(task.columns, targets, task.folds.numbers, task.generator(1, target), self._options)
            for target, targets in enumerate(task.targets.T)
        ]


class KernelCandidate:
    """A kernel machine with a learned metric."""

    name, prior, has_leverages = "kernel machine", 1.0, False

    def __init__(self, task: Task) -> None:
        self._task = task
        low, high = task.limits
        self._inputs = NetworkInputs(np.arange(len(low)), low, high, np.zeros(len(low)), np.ones(len(low)))
        self._read = self._inputs.apply(task.columns)
        self._is_nested = len(task.columns) <= NESTED_ROWS
        self._answers = np.full(task.targets.shape, np.nan)

    @property
    def cost(self) -> float:
        """See `Candidate`."""
        rows, columns = self._task.columns.shape
        one = kernel_machine_cost(rows, columns, self._task.folds.count)
        return float(self._task.targets.shape[1] * one * (1 + self._is_nested * len(self._task.folds.judged)))

    def judge(self, folds: Sequence[int]) -> Answers:
        """See `Candidate`."""
        for fold in folds if self._is_nested else ():
            self._answers[self._task.folds.rows_of((fold,))] = self._judge_one(fold)
        rows = self._task.folds.rows_of(tuple(folds))
        if self._is_nested:
            return _with_variance(self._task, rows, self._answers[rows])
        return _with_variance(self._task, rows, np.column_stack([each.out_of_fold[rows] for each in self._fits]))

    def fit(self, members: int) -> FittedFunction:  # noqa: ARG002
        """See `Candidate`. It has been judged before."""
        rows = self._task.folds.judged_rows
        answers = self._answers[rows] if self._is_nested else self.judge(self._task.folds.judged).locations
        variance = _with_variance(self._task, rows, answers).variances[0]
        return FittedFunction(CandidatePart(self._inputs, tuple(each.fitted for each in self._fits), variance))

    def _judge_one(self, fold: int) -> FloatArray:
        """(rows of the fold, targets): the answers of a machine that was fitted without them altogether."""
        seen, rows = self._task.folds.without(fold), self._task.folds.rows_of((fold,))
        halves = np.arange(len(seen)) % 2
        machines = [
            fit_kernel_machine(self._read[seen], targets, halves, self._task.generator(2, fold), KERNEL).fitted
            for targets in self._task.targets[seen].T
        ]
        return np.column_stack([machine.predict(self._read[rows]) for machine in machines])

    @cached_property
    def _fits(self) -> list[Fit[KernelMachine]]:
        task = self._task
        return [
            fit_kernel_machine(self._read, targets, task.folds.numbers, task.generator(2, 99 + target), KERNEL)
            for target, targets in enumerate(task.targets.T)
        ]


def _with_variance(task: Task, rows: IntArray, answers: FloatArray) -> Answers:
    """Give answers (rows, targets) to these rows the mean square of their errors as variance."""
    squares = (answers - task.targets[rows]) ** 2
    return Answers(answers, np.broadcast_to(squares.mean(axis=0) + MIN_VARIANCE, answers.shape))
