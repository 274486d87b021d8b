"""Growing boosted oblivious trees: the models of all folds and the one of all rows in step.

Each tree is fitted to the gradients of a loss (Friedman 2001) with second-order leaves (Chen and Guestrin 2016), and one
cut serves all leaves of a level (Prokhorenkova et al. 2018), so that a leaf is a number of `depth` bits. For the cuts, rows
are weighted by a Bayesian bootstrap, new for each tree. The loss of rows that their model did not see says when to stop.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from model.arrays import BoolArray, FloatArray, IntArray
from model.candidates.bins import Bins, Codes
from model.candidates.cells import Block, Cells
from model.candidates.cut_search import GradientSums, Search, Structure

BLOCK_ENTRIES = 1 << 17
"""So many rows times models times columns are summed at a time: they should stay in the cache."""

ENTRY_OPERATIONS, LEVEL_OPERATIONS = 60.0, 1e6
"""To add a value to a cell takes as long as so many operations of a matrix product, and to open a level as so many."""


class Objective(Protocol):
    """A loss of outputs (outputs, models, rows)."""

    def start(self, weights: FloatArray) -> FloatArray:
        """(outputs, models): good constant outputs for rows weighted by (models, rows)."""

    def derivatives(self, outputs: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return negative gradients (outputs, models, rows), and curvatures of a shape that broadcasts to theirs."""

    def loss(self, outputs: FloatArray) -> float:
        """Return the mean loss of outputs (outputs, rows)."""


@dataclass(frozen=True)
class TreeOptions:
    """How trees are grown; see docs/architecture.md for what was tried."""

    depth: int
    rate: float
    l2: float = 1.0
    leaf_l2: float = 1.0
    max_trees: int = 2500
    patience: int = 50
    bins: int = 64
    """Intervals a column."""
    cells: int = 16
    """Of a column that one tree tells apart."""
    columns: float = 0.8
    """The share of the columns that a tree may use."""
    max_operations: float = 100e9
    """About five seconds: it bounds the trees of tables with many columns."""

    def tree_cost(self, rows: int, columns: int, folds: int) -> float:
        """Return about how many floating-point operations a tree of each model takes."""
        entries = rows * columns * self.columns * self.depth + (columns * (self.cells + 1) << self.depth)
        return (folds + 1) * entries * ENTRY_OPERATIONS + self.depth * LEVEL_OPERATIONS

    def most_trees(self, rows: int, columns: int, folds: int) -> int:
        """Return how many trees are grown at most."""
        return max(1, min(self.max_trees, int(self.max_operations / self.tree_cost(rows, columns, folds))))


class Tree(NamedTuple):
    """One tree of each model: columns and cuts (models, depth), leaf values (outputs, models, leaves)."""

    columns: IntArray
    cuts: IntArray
    values: FloatArray


class Growth(NamedTuple):
    """Trees of all models, the last of which saw all rows; where they start, (outputs, models)."""

    start: FloatArray
    trees: list[Tree]
    out_of_fold: FloatArray  # (outputs, rows)

    def model(self, number: int, bins: Bins, depth: int) -> tuple[NDArray[np.int32], FloatArray, NDArray[np.float32]]:
        """Return one model's columns and thresholds (trees, depth), and leaf values (outputs, trees, leaves)."""
        columns, cuts = np.empty((2, len(self.trees), depth), dtype=np.int32)
        values = np.empty((len(self.start), len(self.trees), 1 << depth), dtype=np.float32)
        for index, tree in enumerate(self.trees):
            columns[index], cuts[index], values[:, index] = (
                tree.columns[number],
                tree.cuts[number],
                tree.values[:, number],
            )
        return columns, bins.thresholds[columns, cuts], values


@dataclass(frozen=True, eq=False)
class BinnedTable:
    """A table in bins: codes, and for each offset of shared cells the blocks of columns that can be cut."""

    bins: Bins
    codes: Codes
    columns: IntArray
    layouts: tuple[list[Block], ...]

    @staticmethod
    def of_table(features: FloatArray, options: TreeOptions, models: int) -> "BinnedTable":
        """Bin a table (rows, columns), NaN where a value is missing."""
        bins = Bins.of_table(features, options.bins)
        codes = bins.codes(features)
        columns = np.flatnonzero(codes.min(axis=1) < codes.max(axis=1))
        width = max(1, BLOCK_ENTRIES // (len(features) * models))
        parts = [columns[start : start + width] for start in range(0, len(columns), width)]
        offsets = max(-(-int(bins.intervals.max(initial=1)) // options.cells), 1)
        layouts = tuple(
            [Block.of_codes(codes, part, Cells.of_bins(bins, part, options.cells, offset)) for part in parts]
            for offset in range(offsets)
        )
        return BinnedTable(bins, codes, columns, layouts)


def grow(
    table: BinnedTable, objective: Objective, fold: IntArray, options: TreeOptions, rng: np.random.Generator
) -> Growth:
    """Grow a model without each fold (rows,), numbered from 0, and one on all rows, until rows left out gain no more."""
    growing = _Growing(table, objective, fold, options)
    best = growing.out_of_fold()
    lowest, kept, most = objective.loss(best), 0, options.most_trees(len(fold), len(table.codes), int(fold.max()) + 1)
    trees: list[Tree] = []
    for tree in growing.trees(rng):
        trees.append(tree)
        now = growing.out_of_fold()
        if (loss := objective.loss(now)) < lowest:
            lowest, kept, best = loss, len(trees), now
        if len(trees) >= min(kept + options.patience, most):
            break
    return Growth(growing.start, trees[:kept], best)


class _Growing:
    """Models that grow: the outputs of each for all rows."""

    def __init__(self, table: BinnedTable, objective: Objective, fold: IntArray, options: TreeOptions) -> None:
        self._table, self._objective, self._fold, self._options = table, objective, fold, options
        folds = np.arange(int(fold.max()) + 2)[:, None]
        self._weights = (fold != folds).astype(np.float64)
        self.start = objective.start(self._weights)
        self._outputs = np.repeat(self.start[..., None], len(fold), axis=2)
        self._rows = np.arange(len(fold))

    def out_of_fold(self) -> FloatArray:
        """(outputs, rows): what is answered to each row by the model without its fold."""
        return self._outputs[:, self._fold, self._rows]

    def trees(self, rng: np.random.Generator) -> Iterator[Tree]:
        """Grow one tree of each model after another; without end, if any column can be cut."""
        while len(self._table.columns):
            gradients, curvatures = self._objective.derivatives(self._outputs)
            gradients, curvatures = gradients * self._weights, curvatures * self._weights
            bootstrap = rng.exponential(size=len(self._fold))
            sums = GradientSums(curvatures.sum(axis=0) * bootstrap, gradients * bootstrap, self._options.l2)
            layout = self._table.layouts[rng.integers(len(self._table.layouts))]
            search = Search(layout, self._draw_columns(rng), sums)
            structure = search.structure(self._table.codes, self._options.depth)
            yield self._add(structure, gradients, curvatures)

    def _draw_columns(self, rng: np.random.Generator) -> BoolArray:
        used = np.zeros(len(self._table.codes), dtype=np.bool_)
        columns = self._table.columns
        used[columns] = rng.random(len(columns)) < self._options.columns
        used[rng.choice(columns)] |= not used.any()
        return used

    def _add(self, structure: Structure, gradients: FloatArray, curvatures: FloatArray) -> Tree:
        """Give the leaves their values, and each row its leaf's."""
        models, size = len(self._weights), 1 << self._options.depth
        leaves = structure.leaves + np.arange(0, models * size, size)[:, None]
        flat = leaves.ravel()
        slopes, curves = (
            np.stack([np.bincount(flat, each.ravel(), models * size) for each in values])
            for values in (gradients, curvatures)
        )
        values = self._options.rate * slopes / (curves + self._options.leaf_l2)
        for output, value in enumerate(values):
            self._outputs[output] += value.take(leaves)
        return Tree(structure.columns, structure.cuts, values.reshape(len(values), models, size))
