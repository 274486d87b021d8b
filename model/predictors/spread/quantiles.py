"""Quantiles of standardised residuals: how wide an interval of a given coverage is, in predictive standard deviations.

Two kinds: a Student-t around each answer, for few rows; and, where rows are enough to tell, the quantiles that
out-of-fold residuals had, between which one interpolates and beyond which each side goes on as a Student-t.
"""

from dataclasses import dataclass
from functools import cached_property, lru_cache
from math import nextafter

import numpy as np

from model.arrays import BoolArray, FloatArray
from model.posterior import student_t as student

KNOTS = np.arange(1, 40) / 40
"""The probabilities at which empirical quantiles are held."""

_MIDDLE = len(KNOTS) // 2
_NODES = (np.arange(40) + 0.5) / 40
_NORMAL_DOF = 100.0
"""Degrees of freedom from which on a t-distribution is as good as normal."""


def to_coverage(probability: float) -> float:
    """Return the coverage of the interval that begins, or ends, at the quantile of this probability: 0.9 of 0.05 and 0.95."""
    return round(abs(1.0 - 2.0 * probability), 12)  # as a person would write it, so that both have the same bits


@dataclass(frozen=True, eq=False)
class StudentQuantiles:
    """Of a t-distribution around the location, target by target."""

    scale: FloatArray
    """(targets,): what the variance of a prediction is multiplied by; NaN where no spread can be estimated."""
    dof: FloatArray
    """(targets,): degrees of freedom."""

    @property
    def are_known(self) -> BoolArray:
        """(targets,): whether the spread could be estimated."""
        return np.isfinite(self.scale)

    @property
    def variance_factor(self) -> FloatArray:
        """(targets,): what the variance of a prediction is multiplied by."""
        return self.scale

    def deviations(self, variance: FloatArray) -> FloatArray:
        """Return the scale of the distribution (rows, targets) for predictive variances (rows, targets)."""
        return np.sqrt(variance * self.scale)

    def bounds(self, coverage: float) -> tuple[FloatArray, FloatArray]:
        """Return where an interval begins and ends, each (targets,), in deviations from the location."""
        return _student_bounds(coverage, tuple(self.dof.tolist()))

    def at(self, probability: float) -> FloatArray:
        """Return the quantiles (targets,) at a probability between 0 and 1, in deviations from the location."""
        lower, upper = self.bounds(to_coverage(probability))
        return upper if probability > 0.5 else lower

    def below(self, standard: FloatArray) -> FloatArray:
        """Return the probability (rows, targets) of what is below residuals (rows, targets) in deviations."""
        return np.column_stack([student.below(standard[:, k], dof) for k, dof in enumerate(self.dof.tolist())])

    def with_dof_at_most(self, dof: FloatArray) -> "StudentQuantiles":
        """Return the same with so many degrees of freedom (targets,) at the most."""
        return StudentQuantiles(self.scale, np.minimum(self.dof, dof))

    def widening(self, coverage: float, dof: FloatArray) -> FloatArray:
        """Return by how much wider (targets,) an interval is that may count on so many degrees of freedom (targets,) at most."""
        if not coverage:
            return np.ones_like(self.dof)
        return np.maximum(_student_bounds(coverage, tuple(dof.tolist()))[1] / self.bounds(coverage)[1], 1.0)

    def log_density(self, standard: FloatArray) -> FloatArray:
        """Return the log density at residuals (rows, targets) in deviations."""
        squares = standard**2
        return np.column_stack([student.log_density(squares[:, k], dof) for k, dof in enumerate(self.dof.tolist())])

    @property
    def nodes(self) -> None:
        """Means over it are taken by nodes of Gauss and Hermite."""
        return


@dataclass(frozen=True, eq=False)
class EmpiricalQuantiles:
    """Of out-of-fold residuals: at probabilities .025 to .975 as they were, beyond them with the tails of a Student-t."""

    values: FloatArray
    """(targets, 39): at the probabilities `KNOTS`, ascending; NaN where no spread can be estimated."""
    dof: FloatArray
    """(targets, 2): degrees of freedom of the lower and of the upper tail."""

    @property
    def are_known(self) -> BoolArray:
        """(targets,): whether the spread could be estimated."""
        return np.isfinite(self.values[:, 0])

    @property
    def variance_factor(self) -> FloatArray:
        """(targets,): by what the variance of a prediction is off, as the middle 68 % of the residuals have it."""
        return np.asarray(((self.at(0.84) - self.at(0.16)) / 2) ** 2)

    def deviations(self, variance: FloatArray) -> FloatArray:
        """Return the unit (rows, targets) that quantiles are measured in, for predictive variances (rows, targets)."""
        return np.sqrt(variance)

    def bounds(self, coverage: float) -> tuple[FloatArray, FloatArray]:
        """Return where an interval begins and ends, each (targets,), in deviations from the location."""
        kept: dict[float, tuple[FloatArray, FloatArray]] = self.__dict__.setdefault("_bounds", {})
        if coverage not in kept:
            if len(kept) >= _MAX_KEPT:
                kept.clear()
            # What is so near to 1 that the half of it is gone by rounding is the next number below.
            upper = min((1.0 + coverage) / 2, _BELOW_ONE)
            kept[coverage] = self.at((1.0 - coverage) / 2), self.at(upper)
        return kept[coverage]

    def below(self, standard: FloatArray) -> FloatArray:
        """Return the probability (rows, targets) of what is below residuals (rows, targets) in deviations."""
        found = [self._below(standard[:, target], target) for target in range(standard.shape[1])]
        return np.column_stack(found)

    def _below(self, standard: FloatArray, target: int) -> FloatArray:
        values = self.values[target]
        probability = np.interp(standard, values, KNOTS)
        for side, are_beyond in enumerate((standard < values[0], standard > values[-1])):
            units = (standard[are_beyond] - values[_MIDDLE]) / self._tail_scales[target, side]
            probability[are_beyond] = student.below(units, float(self.dof[target, side]))
        return np.asarray(probability)

    def widening(self, coverage: float, dof: FloatArray) -> FloatArray:
        """Return by how much wider (targets,) an interval is that may count on so many degrees of freedom (targets,) at most."""
        if not coverage:
            return np.ones(len(self.dof))
        normal = student.quantile(coverage, _NORMAL_DOF)
        return np.maximum(_student_bounds(coverage, tuple(dof.tolist()))[1] / normal, 1.0)

    def at(self, probability: float) -> FloatArray:
        """Return the quantiles (targets,) at a probability between 0 and 1."""
        if KNOTS[0] <= probability <= KNOTS[-1]:
            return np.array([np.interp(probability, KNOTS, values) for values in self.values])
        side = int(probability > 0.5)
        coverage = abs(2.0 * probability - 1.0)
        units = [student.quantile(coverage, dof) for dof in self.dof[:, side].tolist()]
        return self.values[:, _MIDDLE] + (2 * side - 1) * self._tail_scales[:, side] * units

    def log_density(self, standard: FloatArray) -> FloatArray:
        """Return the log density at residuals (rows, targets) in deviations.

        It is that of a two-piece t-distribution around the median with the tails' scales: the slope of the curve between
        the knots would be too rough to judge by.
        """
        off = standard - self.values[:, _MIDDLE]
        sides = (off > 0).astype(np.intp)
        targets = np.arange(len(self.values))
        scale = self._tail_scales[targets, sides]
        squares = (off / scale) ** 2
        both = [
            np.column_stack([student.log_density(squares[:, k], dof) for k, dof in enumerate(dofs)])
            for dofs in self.dof.T.tolist()
        ]
        return np.asarray(np.where(sides, both[1], both[0]) - np.log(scale))

    @cached_property
    def nodes(self) -> FloatArray:
        """(targets, 40): quantiles that are equally probable, over which means are taken."""
        return np.stack([self.at(probability) for probability in _NODES.tolist()], axis=1)

    @cached_property
    def _tail_scales(self) -> FloatArray:
        """(targets, 2): the scales of the two tails, so that they meet the outermost knots."""
        reach = np.abs(self.values[:, [0, -1]] - self.values[:, [_MIDDLE]])
        units = [[student.quantile(1.0 - 2 * KNOTS[0], dof) for dof in dofs] for dofs in self.dof.tolist()]
        return np.asarray(np.maximum(reach / np.array(units), _MIN_SCALE))


_MAX_KEPT = 64
_BELOW_ONE = nextafter(1.0, 0.0)
_MIN_SCALE = 1e-12


@lru_cache(maxsize=1024)
def _student_bounds(coverage: float, dofs: tuple[float, ...]) -> tuple[FloatArray, FloatArray]:
    half = np.array([student.quantile(coverage, dof) if coverage else 0.0 for dof in dofs])
    return -half, half


Quantiles = StudentQuantiles | EmpiricalQuantiles
