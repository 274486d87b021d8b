"""Candidates for classes without random starts: how frequent each class is, and boosted trees."""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from model.arrays import FloatArray, IntArray
from model.candidates import ClassTrees, Fit, TreeOptions, class_tree_options, class_trees_cost, fit_class_trees
from model.fitting.classes.contract import PRIOR_ROWS, ClassTask
from model.predictors import ClassShares, ClassTreesPart

TYPICAL_SHARE = 0.2
"""Of the trees that may be grown, so many are, as a rule."""
DEAR_OPERATIONS = 30e9
"""Trees that may cost more grow twice as fast, for about 5 % of their own log-loss, and for some seconds at most."""
MAX_OPERATIONS = 50e9
ROWS_A_CLASS = 0.5
"""So many rows each class is given beforehand."""


def choose_class_tree_options(task: ClassTask) -> TreeOptions:
    """Return options for trees that do not stand alone."""
    rows, columns = task.columns.shape
    usual = class_tree_options(rows, columns)
    cost = class_trees_cost(rows, columns, task.folds.count, task.classes)
    if cost <= DEAR_OPERATIONS:
        return usual
    most = MAX_OPERATIONS * usual.max_trees * usual.tree_cost(rows, columns, task.folds.count) / cost
    return replace(usual, rate=0.1, patience=20, max_operations=min(usual.max_operations, most))


@dataclass(frozen=True, eq=False)
class SharesCandidate:
    """How frequent each class is: nothing is known of a row."""

    task: ClassTask
    name, prior_rows, cost = "class shares", 0.1, 0.0

    def judge(self) -> FloatArray:
        """See `ClassCandidate`."""
        task = self.task
        by_fold = {fold: self._describe(task.labels[task.folds.without(fold)]) for fold in task.folds.judged}
        return np.stack([by_fold[fold] for fold in task.folds.numbers[task.folds.judged_rows].tolist()])[None]

    def fit(self, share: float) -> ClassShares:  # noqa: ARG002
        """See `ClassCandidate`."""
        return ClassShares(self._describe(self.task.labels))

    def _describe(self, labels: IntArray) -> FloatArray:
        counts = np.bincount(labels, minlength=self.task.classes) + ROWS_A_CLASS
        return np.asarray(np.log(counts / counts.sum()))


@dataclass(frozen=True, eq=False)
class TreesCandidate:
    """Boosted trees. Each class must be in the table."""

    task: ClassTask
    name, prior_rows = "trees", PRIOR_ROWS

    @property
    def cost(self) -> float:
        """See `ClassCandidate`."""
        rows, columns = self.task.columns.shape
        cost = class_trees_cost(rows, columns, self.task.folds.count, self.task.classes)
        return TYPICAL_SHARE * min(cost, MAX_OPERATIONS)

    def judge(self) -> FloatArray:
        """See `ClassCandidate`."""
        return self._fit.out_of_fold[None, self.task.folds.judged_rows]

    def fit(self, share: float) -> ClassTreesPart:  # noqa: ARG002
        """See `ClassCandidate`."""
        return ClassTreesPart(self._fit.fitted)

    @cached_property
    def _fit(self) -> Fit[ClassTrees]:
        """Of all folds and of all rows: they grow in step."""
        task = self.task
        rng = np.random.default_rng([task.seed, 1])
        return fit_class_trees(task.columns, task.labels, task.folds.numbers, rng, choose_class_tree_options(task))
