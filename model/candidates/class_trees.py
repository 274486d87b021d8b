"""Boosted oblivious trees for classes: one structure for all classes, and in each leaf a number for each of them.

The loss is the cross-entropy of the softmax of the outputs; of two classes the first one's output is always 0. A leaf's
numbers are Newton's step for each class by itself (Friedman 2001).
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from model.arrays import FloatArray, IntArray
from model.candidates.contract import Fit
from model.candidates.leaf_index import LeafIndex
from model.candidates.oblivious_trees import TILE_ROWS, tree_options
from model.candidates.tree_growth import BinnedTable, TreeOptions, grow
from model.network import softmax


@dataclass(frozen=True, eq=False)
class ClassTrees:
    """Trees of one depth, at most 8. The first cut is the highest bit of a leaf's number."""

    columns: NDArray[np.int32]  # (trees, depth)
    thresholds: FloatArray  # (trees, depth)
    values: NDArray[np.float32]  # (outputs, trees, leaves)
    start: FloatArray  # (outputs,)

    def predict(self, features: FloatArray) -> FloatArray:
        """Return the probabilities (rows, classes) for rows (rows, columns), NaN where a value is missing."""
        return softmax(self.logits(features))

    def logits(self, features: FloatArray) -> FloatArray:
        """Return logits (rows, classes)."""
        tiles = [features[start : start + TILE_ROWS] for start in range(0, len(features), TILE_ROWS)]
        outputs = np.concatenate([self._sums(tile) for tile in tiles]) if tiles else np.empty((0, len(self.start)))
        return _with_first_class((outputs + self.start).T)

    def _sums(self, features: FloatArray) -> FloatArray:
        index, tables = self._tables
        places = index.of_rows(features)
        return np.stack([np.add.reduce(leaves.take(places), axis=1) for leaves in tables], axis=1)

    @cached_property
    def _tables(self) -> tuple[LeafIndex, list[FloatArray]]:
        leaves = self.values.reshape(len(self.values), -1).astype(np.float64)
        return LeafIndex.of_cuts(self.columns, self.thresholds), list(leaves)


@dataclass(frozen=True, eq=False)
class CrossEntropy:
    """Of labels (rows,) from 0 to classes - 1. There is an output for each class, but of two classes for the second alone."""

    labels: IntArray
    classes: int

    @cached_property
    def _is_class(self) -> FloatArray:
        """(outputs, 1, rows): 1 where a row is of an output's class."""
        first = 1 if self.classes == 2 else 0
        return np.asarray(self.labels == np.arange(first, self.classes)[:, None], dtype=np.float64)[:, None]

    def start(self, weights: FloatArray) -> FloatArray:
        """(outputs, models): log shares of the classes, half a row added to each."""
        counts = np.stack([weights @ (self.labels == each) for each in range(self.classes)]) + 0.5
        logs = np.log(counts / counts.sum(axis=0))
        return np.asarray(logs[1:] - logs[0] if self.classes == 2 else logs)

    def derivatives(self, outputs: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return class less probability, and probability times its complement."""
        probabilities = self._probabilities(outputs)
        return self._is_class - probabilities, probabilities * (1.0 - probabilities)

    def loss(self, outputs: FloatArray) -> float:
        """Return the mean negative log probability of the labels, in nats."""
        logits = _with_first_class(outputs)
        logits -= logits.max(axis=1, keepdims=True)
        of_labels = logits[np.arange(len(self.labels)), self.labels]
        return float(np.mean(np.log(np.exp(logits).sum(axis=1)) - of_labels))

    def _probabilities(self, outputs: FloatArray) -> FloatArray:
        if self.classes == 2:
            return np.asarray(0.5 + 0.5 * np.tanh(0.5 * outputs))
        shares = np.exp(outputs - outputs.max(axis=0))
        return np.asarray(shares / shares.sum(axis=0))


def fit_class_trees(
    features: FloatArray,
    labels: IntArray,
    fold: IntArray,
    rng: np.random.Generator,
    options: TreeOptions | None = None,
) -> Fit[ClassTrees]:
    """Fit trees to a table (rows, columns), NaN where a value is missing, and labels (rows,) from 0 on, all of them taken.

    The answers out of fold are logits (rows, classes).
    """
    options = options or class_tree_options(*features.shape)
    objective = CrossEntropy(labels, max(int(labels.max()) + 1, 2))
    table = BinnedTable.of_table(features, options, int(fold.max()) + 2)
    growth = grow(table, objective, fold, options, rng)
    columns, thresholds, values = growth.model(-1, table.bins, options.depth)
    fitted = ClassTrees(columns, thresholds, values, np.ascontiguousarray(growth.start[:, -1]))
    return Fit(fitted, _with_first_class(growth.out_of_fold))


def class_tree_options(rows: int, columns: int) -> TreeOptions:
    """Return the defaults for a table: shallower trees than for numbers, and held back more."""
    depth = int(np.clip(round(np.log2(max(rows, 1))) - 5, 2, 6))
    bins = min(tree_options(rows, columns).bins, 32)
    return TreeOptions(depth, 0.05, l2=3.0, leaf_l2=0.75, max_trees=600, patience=40, bins=bins)


def class_trees_cost(rows: int, columns: int, folds: int, classes: int) -> float:
    """Return about how many floating-point operations a fit takes if nothing stops it early."""
    options = class_tree_options(rows, columns)
    passes = 1 if classes == 2 else (classes + 2) // 2
    return passes * options.most_trees(rows, columns, folds) * options.tree_cost(rows, columns, folds)


def _with_first_class(outputs: FloatArray) -> FloatArray:
    """Return logits (rows, classes) of outputs (outputs, rows): of a single output it is the second class's."""
    both = np.concatenate([np.zeros_like(outputs), outputs]) if len(outputs) == 1 else outputs
    return np.array(both.T, order="C")
