"""Draws: a row with blanks or unseen words is answered as several rows that might be it, and the answers are averaged.

The variance of what was drawn is that of a prediction (Rubin 1987, chapter 3): the mean of the variances, and the variance
of the locations times 1 + 1 / the number of draws.
"""

from dataclasses import dataclass

import numpy as np

from model.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Draws:
    """Rows of columns, several for each row that is not fully known, one for each other."""

    columns: FloatArray
    """(draws, columns)"""
    starts: IntArray
    """(rows,): where the draws of each row begin."""
    levels: IntArray
    """(rows,): how many known levels an unseen word is averaged over, the fewest of a row; 0 where there is none."""

    def average(self, values: FloatArray) -> FloatArray:
        """Return the means (rows, ...) of values (draws, ...), each row's by itself, so that its bits are its own."""
        averages = values[self.starts]
        for row, start, end in self._drawn:
            averages[row] = values[start:end].mean(axis=0)
        return averages

    def average_with_variance(self, location: FloatArray, variance: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the means (rows, targets) of locations (draws, targets), and the variances of a prediction."""
        variances = self.average(variance)
        for row, start, end in self._drawn:
            draws = end - start
            independent = min(draws, int(self.levels[row]) or draws)
            ddof = draws / independent  # levels that are drawn twice tell no more than once
            apart = location[start:end] - location[start:end].mean(axis=0)
            between = (apart * apart).sum(axis=0) / max(draws - ddof, 1.0)
            variances[row] += between * (1.0 + 1.0 / independent)
        return self.average(location), variances

    @property
    def are_several(self) -> BoolArray:
        """(rows, 1): whether a row was drawn more than once."""
        return np.diff(self.starts, append=len(self.columns))[:, None] > 1

    @property
    def _drawn(self) -> list[tuple[int, int, int]]:
        """Row, start and end of those that were drawn more than once."""
        ends = np.append(self.starts[1:], len(self.columns))
        rows = np.flatnonzero(ends - self.starts > 1)
        return list(zip(rows.tolist(), self.starts[rows].tolist(), ends[rows].tolist(), strict=True))
