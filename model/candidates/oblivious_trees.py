"""Boosted oblivious trees for numbers: few calls answer a row, whatever the number of trees.

A row goes right at a cut if its value is at least the threshold. A missing value (NaN) never is, and a threshold of minus
infinity parts missing values from all others.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from model.arrays import FloatArray, IntArray
from model.candidates.contract import Fit, scale_targets
from model.candidates.leaf_index import LeafIndex
from model.candidates.tree_growth import BinnedTable, TreeOptions, grow

TILE_ROWS = 16
"""Rows that are answered at a time: their bits should stay in the cache."""

MAX_BINS_OF_TABLE = 4096
"""With more than 64 columns each has fewer bins."""


@dataclass(frozen=True, eq=False)
class ObliviousTrees:
    """Trees of one depth, at most 8. The first cut is the highest bit of a leaf's number; answers are offset + scale * sum."""

    columns: NDArray[np.int32]  # (trees, depth)
    thresholds: FloatArray  # (trees, depth)
    values: NDArray[np.float32]  # (trees, leaves)
    offset: FloatArray  # (1,)
    scale: FloatArray  # (1,)

    def predict(self, features: FloatArray) -> FloatArray:
        """Answer rows (rows, columns), NaN where a value is missing: (rows,)."""
        if len(features) > TILE_ROWS:
            tiles = range(0, len(features), TILE_ROWS)
            return np.concatenate([self.predict(features[start : start + TILE_ROWS]) for start in tiles])
        index, leaves = self._tables
        sums: FloatArray = np.add.reduce(leaves.take(index.of_rows(features)), axis=1)
        sums += self.offset
        return sums

    @cached_property
    def _tables(self) -> tuple[LeafIndex, FloatArray]:
        """What answers: leaves in double precision, since a sum that converts on the way depends on its neighbours."""
        return LeafIndex.of_cuts(self.columns, self.thresholds), self.values.ravel() * self.scale


@dataclass(frozen=True, eq=False)
class Squares:
    """Half of the squared distance from targets (rows,)."""

    targets: FloatArray

    def start(self, weights: FloatArray) -> FloatArray:
        """(1, models): the weighted means."""
        return np.asarray((weights @ self.targets / weights.sum(axis=1))[None])

    def derivatives(self, outputs: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the residuals, and ones."""
        return self.targets - outputs, np.ones((1, 1, 1))

    def loss(self, outputs: FloatArray) -> float:
        """Return the mean square."""
        return float(np.mean((self.targets - outputs[0]) ** 2))


def tree_options(rows: int, columns: int) -> TreeOptions:
    """Return the defaults for a table: deeper and faster with more rows, fewer bins with many columns."""
    depth = int(np.clip(round(np.log2(max(rows, 1))) - 4, 3, 6))
    bins = int(np.clip(MAX_BINS_OF_TABLE // max(columns, 1), 16, 64))
    return TreeOptions(depth=depth, rate=0.05 if rows < 1000 else 0.1, bins=bins)


def fit_oblivious_trees(
    features: FloatArray,
    targets: FloatArray,
    fold: IntArray,
    rng: np.random.Generator,
    options: TreeOptions | None = None,
) -> Fit[ObliviousTrees]:
    """Fit trees to a table (rows, columns), NaN where a value is missing, and targets (rows,).

    The model of all rows answers. A model without each fold grows in step with it and gives the answers out of fold; as soon
    as they get no better, all stop.
    """
    options = options or tree_options(*features.shape)
    mean, deviation, scaled = scale_targets(targets)
    table = BinnedTable.of_table(features, options, int(fold.max()) + 2)
    growth = grow(table, Squares(scaled), fold, options, rng)
    columns, thresholds, values = growth.model(-1, table.bins, options.depth)
    offset, scale = np.array([mean + deviation * growth.start[0, -1]]), np.array([deviation])
    return Fit(ObliviousTrees(columns, thresholds, values[0], offset, scale), mean + deviation * growth.out_of_fold[0])


def oblivious_trees_cost(rows: int, columns: int, folds: int, options: TreeOptions | None = None) -> float:
    """Return about how many floating-point operations a fit takes if nothing stops it early; most tables need a fifth."""
    options = options or tree_options(rows, columns)
    return options.most_trees(rows, columns, folds) * options.tree_cost(rows, columns, folds)
