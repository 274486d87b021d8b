"""What a contestant answers for unseen rows: a location and quantiles, or probabilities of classes."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

COUNT = 20
MIDPOINTS = tuple((place + 0.5) / COUNT for place in range(COUNT))
"""Probabilities .025, .075 ... .975: the mean pinball loss at these is half the CRPS, by the midpoint rule."""

LEVELS = tuple(sorted({*MIDPOINTS, 0.1, 0.9}))
"""Probabilities at which quantiles are asked for: those of the CRPS, and the ends of 80 % intervals."""

COVERAGES = tuple(round(1 - 2 * level, 6) for level in LEVELS if level < 0.5)
"""Of the central intervals whose ends are the quantiles, from the widest to the narrowest."""


@dataclass(frozen=True, eq=False)
class Forecast:
    """Of a numeric target, in its own units."""

    location: Floats
    """(rows,)"""
    quantiles: Floats
    """(rows, LEVELS)"""
    reported_rmse: float | None = None
    """What the contestant itself says its RMSE on unseen rows is."""
    refused: int = 0
    """Rows that it would not answer, and that were answered for it by the training targets' mean and quantiles."""

    def at(self, level: float) -> Floats:
        """Return the quantile (rows,) at one of the levels."""
        return self.quantiles[:, LEVELS.index(round(level, 6))]

    @staticmethod
    def of_intervals(location: Floats, intervals: list[tuple[Floats, Floats]], reported: float | None) -> "Forecast":
        """Return the forecast that central intervals make, one for each of the coverages."""
        lower, upper = [low for low, _ in intervals], [high for _, high in reversed(intervals)]
        return Forecast(location, np.column_stack([*lower, *upper]), reported)

    @staticmethod
    def of_targets(known: Floats, rows: int) -> "Forecast":
        """Return the mean and the quantiles of training targets, alike for every row."""
        quantiles = np.quantile(known, LEVELS, method="weibull")
        return Forecast(np.full(rows, known.mean()), np.tile(quantiles, (rows, 1)))


@dataclass(frozen=True, eq=False)
class Classes:
    """Of a target of classes."""

    names: tuple[str, ...]
    probabilities: Floats
    """(rows, names)"""
    refused: int = 0
