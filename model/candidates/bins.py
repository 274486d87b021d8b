"""Bins: the values of each column, sorted into few intervals; a missing value has an interval of its own.

A column's codes ascend with its values. The edges lie in the middle between distinct values: between all where these are
few, at quantiles where they are many. So no value of the table is at an edge, and rounding moves none across. A value
at an edge belongs to the upper interval.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.arrays import BoolArray, FloatArray, IntArray

Codes = NDArray[np.uint8]

MAX_BINS = 250
"""Codes are single bytes."""


@dataclass(frozen=True, eq=False)
class Bins:
    """Edges of each column, ascending; `missing`: whether code 0 of a column means that there is no value."""

    edges: tuple[FloatArray, ...]
    missing: BoolArray

    @staticmethod
    def of_table(features: FloatArray, most: int) -> "Bins":
        """Bin a table (rows, columns), NaN where a value is missing, into at most `most` intervals a column."""
        missing = np.isnan(features)
        edges = tuple(
            _edges(values[~gaps], min(most, MAX_BINS)) for values, gaps in zip(features.T, missing.T, strict=True)
        )
        return Bins(edges, np.asarray(missing.any(axis=0)))

    @property
    def intervals(self) -> IntArray:
        """(columns,): how many intervals each column has, the missing one not counted."""
        return np.array([len(edges) + 1 for edges in self.edges], dtype=np.intp)

    def codes(self, features: FloatArray) -> Codes:
        """(columns, rows): the interval of each value of a table (rows, columns)."""
        codes = np.empty(features.shape[::-1], dtype=np.uint8)
        for code, values, edges, missing in zip(codes, features.T, self.edges, self.missing, strict=True):
            code[:] = np.searchsorted(edges, values, side="right") + missing
            if missing:
                code[np.isnan(values)] = 0
        return codes

    @property
    def thresholds(self) -> FloatArray:
        """(columns, cuts): the least value whose code exceeds a cut; minus infinity if that parts missing values from all."""
        table = np.full((len(self.edges), 1 + int(self.intervals.max(initial=1))), np.nan)
        for row, edges, missing in zip(table, self.edges, self.missing, strict=True):
            row[0] = -np.inf
            row[int(missing) : int(missing) + len(edges)] = edges
        return table


def _edges(values: FloatArray, most: int) -> FloatArray:
    distinct = np.unique(values)
    middles = distinct[1:] / 2 + distinct[:-1] / 2
    if len(distinct) <= most:
        return np.asarray(middles)
    places = np.unique(np.searchsorted(distinct, np.quantile(values, np.linspace(0.0, 1.0, most + 1)[1:-1])))
    return np.asarray(middles[places[places > 0] - 1])  # nothing lies below the least value
