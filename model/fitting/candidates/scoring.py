"""Scores of unseen rows: how probable they are under what a candidate said of them, and how far off its claims were.

A candidate gives each row a location m and a variance v. The squares (y - m)^2 / v of unseen rows are fitted by a
Student-t whose scale k is sought on a wide grid: an honest candidate has k near 1 whatever it knows, for v says how little
that is; an overconfident one has a k far above.
"""

from typing import NamedTuple

import numpy as np

from model.arrays import FloatArray
from model.posterior import student_t

LOG_SCALES = np.linspace(-3.0, 6.0, 91)
DOFS = (3.0, 4.0, 5.0, 7.0, 10.0, 15.0, 30.0, 100.0)
MAX_FITTED_ROWS = 2000
"""A scale and a tail need no more rows than that."""
SURE = 3.0
"""Standard errors."""


class StudentFit(NamedTuple):
    """The Student-t that suits squared residuals best."""

    scale: float
    """The square of its scale."""
    dof: float


class Scores(NamedTuple):
    """How probable rows are under what one candidate says of one target."""

    log_densities: FloatArray
    """(rows,), in nats"""
    scale: float
    """By what the candidate's variances have to be multiplied to be right: k."""


def fit_student(squares: FloatArray, max_dof: float = np.inf) -> StudentFit:
    """Fit squared residuals (rows,), divided by their variances, by maximum likelihood; log k has a normal prior."""
    step = -(-len(squares) // MAX_FITTED_ROWS)
    squares = np.sort(squares)[step // 2 :: step]
    standard = squares[:, None] / np.exp(LOG_SCALES)
    drawback = len(squares) * LOG_SCALES / 2 + LOG_SCALES**2 / 2
    found = []
    for dof in DOFS:
        if dof <= max(max_dof, DOFS[0]):
            scores = student_t.log_density(standard, dof).sum(axis=0) - drawback
            best = int(scores.argmax())
            found.append((float(scores[best]), StudentFit(float(np.exp(LOG_SCALES[best])), dof)))
    return max(found, key=lambda each: each[0])[1]


def score_rows(residuals: FloatArray, variances: FloatArray) -> Scores:
    """Score residuals (rows,) of claimed variances (rows,) by the Student-t that suits all of them best."""
    squares = residuals**2 / variances
    scale, dof = fit_student(squares)
    return Scores(student_t.log_density(squares / scale, dof) - 0.5 * np.log(scale * variances), scale)


def is_surely_behind(scores: FloatArray, best: FloatArray) -> bool:
    """Whether log densities (rows,) are below others of the same rows by more than three standard errors."""
    gap = best - scores
    return bool(gap.sum() > SURE * np.sqrt(len(gap)) * gap.std())
