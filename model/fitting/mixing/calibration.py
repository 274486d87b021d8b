"""Calibration: how wide intervals have to be, as residuals of unseen rows tell.

Below 200 rows by a Student-t; from there on by their own quantiles. Coverage is told by rows in turn: each fold's rows
are held against quantiles that were fitted to the other folds.
"""

from typing import NamedTuple

import numpy as np

from model.arrays import BoolArray, FloatArray, IntArray
from model.fitting.candidates import StudentFit, fit_student
from model.posterior import student_t
from model.predictors import KNOTS, EmpiricalQuantiles, Quantiles, StudentQuantiles

MIN_ROWS_FOR_KNOTS = 200
ESTIMATED, ESTIMATED_FEW = 10.0, 4.0
"""What was estimated on N rows (weights, scales, spread) makes variances larger by the factor 1 + 10 / N."""


class Residuals(NamedTuple):
    """What is off for unseen rows, divided by the deviation that is claimed: of one target, (rows,)."""

    standard: FloatArray
    cautious: FloatArray | None = None
    """The same by folds alone, where leave-one-out has a say in the first; the mean of both counts."""


def calibrate(each: list[Residuals], known: BoolArray) -> Quantiles:
    """Return the quantiles of all targets; `known` (targets,): whether the spread can be estimated."""
    if len(each[0].standard) < MIN_ROWS_FOR_KNOTS:
        fits = [_fit_student(one) for one in each]
        scale = np.where(known, [fit.scale for fit in fits], np.nan)
        return StudentQuantiles(scale, np.array([fit.dof for fit in fits]))
    rows = len(each[0].standard)
    standard = np.stack([one.standard for one in each]) * np.sqrt(1.0 + ESTIMATED / rows)
    values = np.quantile(standard, KNOTS, axis=1, method="weibull").T
    values = np.maximum.accumulate(values, axis=1)  # rounding alone may have them descend
    dof = np.array([_fit_tails(one) for one in standard])
    return EmpiricalQuantiles(np.where(known[:, None], values, np.nan), dof)


def _fit_student(residuals: Residuals) -> StudentFit:
    rows = len(residuals.standard)
    fit = fit_student(residuals.standard**2, rows / 2)
    scale, dof = fit
    if residuals.cautious is not None:
        cautious = fit_student(residuals.cautious**2, rows / 2)
        scale, dof = float(np.sqrt(scale * cautious.scale)), cautious.dof
    return StudentFit(scale * (1.0 + ESTIMATED_FEW / rows), dof)


def _fit_tails(standard: FloatArray) -> tuple[float, float]:
    """Return the degrees of freedom below and above the median."""
    middle = np.median(standard)
    halves = (standard[standard <= middle], standard[standard > middle])
    return tuple(_fit_dof((half - middle) ** 2) for half in halves)  # type: ignore[return-value]


def _fit_dof(squares: FloatArray) -> float:
    return student_t.fit(squares / max(float(np.median(squares)), 1e-300))[1]


def cross_coverage(each: list[Residuals], fold: IntArray, coverage: float) -> BoolArray:
    """Tell which truths (rows, targets) lie inside intervals that were calibrated without their fold's rows."""
    inside = np.zeros((len(fold), len(each)), dtype=np.bool_)
    known = np.ones(len(each), dtype=np.bool_)
    for number in np.unique(fold):
        rest, rows = fold != number, fold == number
        seen = [Residuals(one.standard[rest], None if one.cautious is None else one.cautious[rest]) for one in each]
        quantiles = calibrate(seen, known)
        lower, upper = quantiles.bounds(coverage)
        standard = np.column_stack([one.standard[rows] for one in each])
        unit = quantiles.deviations(np.ones_like(standard))
        inside[rows] = (lower * unit <= standard) & (standard <= upper * unit)
    return inside
