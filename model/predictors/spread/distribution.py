"""The predictive distribution of some rows: intervals of any coverage, quantiles, and the probability below a value.

All are of one distribution: the interval of coverage c reaches from the quantile (1 - c) / 2 to the quantile (1 + c) / 2, and
the probability below a quantile is its own. A location outside the declared bounds is brought to the bound first; whatever
would lie beyond a bound lies on it.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from model.arrays import BoolArray, FloatArray
from model.predictors.spread.quantiles import KNOTS, EmpiricalQuantiles, Quantiles, to_coverage
from model.table import Targets

MEDIAN = 0.5
ONE_DEVIATION = 0.6826894921370859
"""How often a normal variable is within its standard deviation of its mean."""

_TAIL = np.logspace(-9, np.log10(KNOTS[0]), 90)[:-1]
_GRID = np.concatenate([_TAIL, np.linspace(KNOTS[0], KNOTS[-1], 381), 1.0 - _TAIL[::-1]])
"""Probabilities, all knots among them, between which quantiles of widened rows are interpolated."""


@dataclass(frozen=True, eq=False)
class Distribution:
    """What is said of some rows' targets."""

    location: FloatArray
    """(rows, targets), scaled."""
    scale: FloatArray
    """(rows, targets), scaled: the unit in which quantiles are measured; NaN where no spread could be estimated."""
    targets: Targets
    quantiles: Quantiles
    limits: FloatArray | None = None
    """(rows, targets): degrees of freedom that a row may count on at the most, infinite where there is no limit; None:
    there is none anywhere."""

    @property
    def mean(self) -> FloatArray:
        """The means (rows, targets), in the targets' units."""
        return self.targets.means(self.location, self.scale, self.quantiles.nodes)

    @property
    def standard_deviation(self) -> FloatArray:
        """Half the width (rows, targets) of the interval that holds the truth as often as one deviation of a normal."""
        lower, upper = self.interval(ONE_DEVIATION)
        return (upper - lower) / 2

    def interval(self, coverage: float) -> tuple[FloatArray, FloatArray]:
        """Return where the interval of this coverage begins and ends, each (rows, targets)."""
        lower, upper = self.quantiles.bounds(coverage)
        if self.limits is not None:
            widening = _find_widening(self.quantiles, coverage, self.limits)
            lower, upper = _widen_lower(lower, widening), _widen_upper(upper, widening)
        return self.targets.intervals(self.location, self.scale * lower, self.scale * upper)

    def quantile(self, probability: float) -> FloatArray:
        """Return the values (rows, targets) that the targets are below with this probability, between 0 and 1."""
        standard = self.quantiles.at(probability)
        if self.limits is not None and probability != MEDIAN:
            widening = _find_widening(self.quantiles, to_coverage(probability), self.limits)
            standard = _widen(standard, widening, probability)
        return self.targets.shifted(self.location, self.scale * standard)

    def below(self, values: FloatArray, *, strictly: bool = False) -> FloatArray:
        """Return the probability (rows, targets) that a target is at most, or `strictly` below, these values (targets,)."""
        standard = self.targets.standardised(values, self.location, self.scale)
        found = self.quantiles.below(standard)
        if self.limits is not None:
            for rows, dof in _distinct(self.limits):
                found[rows] = _widened_below(self.quantiles, standard[rows], dof)
        found[np.isnan(self.scale)] = np.nan
        are_under, are_over = self.targets.beyond(values, strictly=strictly)
        found[:, are_under], found[:, are_over] = 0.0, 1.0
        return found


def _widen_lower(standard: FloatArray, widening: FloatArray) -> FloatArray:
    """Return lower ends further out; one above the location would come nearer to the middle, and stays."""
    return np.minimum(standard, standard * widening)


def _widen_upper(standard: FloatArray, widening: FloatArray) -> FloatArray:
    return np.maximum(standard, standard * widening)


def _widen(standard: FloatArray, widening: FloatArray, probability: float) -> FloatArray:
    return (_widen_upper if probability > MEDIAN else _widen_lower)(standard, widening)


def _find_widening(quantiles: Quantiles, coverage: float, limits: FloatArray) -> FloatArray:
    """Return by how much wider (rows, targets) intervals are with so many degrees of freedom (rows, targets) at the most."""
    widening = np.ones(limits.shape)
    for rows, dof in _distinct(limits):
        widening[rows] = quantiles.widening(coverage, dof)
    return widening


def _distinct(limits: FloatArray) -> list[tuple[BoolArray, FloatArray]]:
    """Return which rows have limits, and the limits (targets,) that they have."""
    are_limited = np.isfinite(limits).any(axis=1)
    return [((limits == dof).all(axis=1), dof) for dof in np.unique(limits[are_limited], axis=0)]


def _widened_below(quantiles: Quantiles, standard: FloatArray, dof: FloatArray) -> FloatArray:
    """Return the probabilities (rows, targets) below residuals of rows that may count on so many degrees of freedom (targets,).

    A Student-t that is widened is one of fewer degrees of freedom; other quantiles are interpolated, to about four digits.
    """
    if not isinstance(quantiles, EmpiricalQuantiles):
        return quantiles.with_dof_at_most(dof).below(standard)
    curves = _widened_curves(quantiles, tuple(dof.tolist()))
    return np.column_stack(
        [
            np.interp(column, curve, _GRID, left=0.0, right=1.0)
            for column, curve in zip(standard.T, curves.T, strict=True)
        ]
    )


@lru_cache(maxsize=64)
def _widened_curves(quantiles: EmpiricalQuantiles, dof: tuple[float, ...]) -> FloatArray:
    """Return the quantiles (probabilities, targets) at those of the grid."""
    limit = np.array(dof)
    coverages = np.abs(1.0 - 2.0 * _GRID).tolist()
    widening = [quantiles.widening(coverage, limit) if coverage else np.ones_like(limit) for coverage in coverages]
    return np.array([_widen(quantiles.at(p), wider, p) for p, wider in zip(_GRID.tolist(), widening, strict=True)])
