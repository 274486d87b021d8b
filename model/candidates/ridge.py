"""Ridge regression: a line through all rows, its slopes held towards 0 as strongly as rows left out call for.

The answers to the rows are H y, with H = 1/n + U diag(s^2 / (s^2 + strength)) U', where X = U diag(s) V' has columns of mean 0.
So the errors of rows I left out are (I - H_II)^-1 (y - H y)_I, exactly (Cook and Weisberg 1982), and for a single row
(y - H y)_i / (1 - H_ii): no other fit is made.
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from model.arrays import FloatArray, IntArray
from model.candidates.contract import Fit, rows_by_fold, scale_targets
from model.table import standardise

STRENGTHS = np.logspace(-3, 4, 22)
"""For columns of variance 1."""


@dataclass(frozen=True, eq=False)
class Ridge:
    """A line: intercept + (features - center) . slopes."""

    center: FloatArray  # (columns,)
    scale: FloatArray  # (columns,)
    slopes: FloatArray  # (columns,), of columns divided by their scale
    intercept: FloatArray  # (1,)
    unit: FloatArray  # (1,): of the targets

    def predict(self, features: FloatArray) -> FloatArray:
        """Answer rows (rows, columns): (rows,)."""
        products = np.ascontiguousarray((features - self.center) / self.scale) * self.slopes
        return np.asarray(np.add.reduce(products, axis=1) * self.unit + self.intercept)


class _Decomposed(NamedTuple):
    """Of standardised columns: X = U diag(s) V', and the targets along U."""

    left: FloatArray  # U: (rows, rank)
    squares: FloatArray  # s^2: (rank,)
    targets: FloatArray  # (rows,)
    along: FloatArray  # U' targets: (rank,)

    def residuals(self, strength: float) -> FloatArray:
        """Return targets - H targets."""
        return self.targets - self.left @ (self.shrinkage(strength) * self.along)

    def shrinkage(self, strength: float) -> FloatArray:
        """Return s^2 / (s^2 + strength)."""
        return self.squares / (self.squares + strength)

    def leave_one_out(self, strength: float) -> float:
        """Return the mean square of the exact leave-one-out errors."""
        free = 1.0 - 1.0 / len(self.targets) - (self.left**2) @ self.shrinkage(strength)
        return float(np.mean((self.residuals(strength) / np.maximum(free, 1e-10)) ** 2))

    def errors(self, rows: IntArray, strength: float) -> FloatArray:
        """Return the errors of rows that are left out together."""
        left = self.left[rows]
        free = np.eye(len(rows)) * (1 + 1e-12) - (left * self.shrinkage(strength)) @ left.T - 1.0 / len(self.targets)
        return np.asarray(np.linalg.solve(free, self.residuals(strength)[rows]))


def fit_ridge(
    features: FloatArray, targets: FloatArray, fold: IntArray, strengths: FloatArray = STRENGTHS
) -> Fit[Ridge]:
    """Fit a line to numbers (rows, columns) and targets (rows,); the exact leave-one-out errors choose the strength."""
    scaler = standardise(features, ())
    columns = scaler.apply(features)
    mean, unit, scaled = scale_targets(targets)
    decomposed = _decompose(columns, scaled)
    strength = min(strengths, key=decomposed.leave_one_out)
    slopes = columns.T @ (decomposed.left @ (decomposed.along / (decomposed.squares + strength)))
    out_of_fold = np.empty(len(targets))
    for rows in rows_by_fold(fold):
        out_of_fold[rows] = targets[rows] - unit * decomposed.errors(rows, strength)
    return Fit(Ridge(scaler.offset, scaler.scale, slopes, np.array([mean]), np.array([unit])), out_of_fold)


def ridge_cost(rows: int, columns: int, folds: int) -> float:
    """Return about how many floating-point operations a fit takes."""
    rank, few = max(rows, columns), min(rows, columns)
    return 12.0 * rank * few**2 + folds * (rows / folds) ** 2 * (2.0 * few + rows / folds) + 4.0 * rows * few * 22


def _decompose(columns: FloatArray, targets: FloatArray) -> _Decomposed:
    """Take the smaller way: a table wider than long by the products of its rows (the dual)."""
    if columns.shape[1] > len(columns):
        squares, left = np.linalg.eigh(columns @ columns.T)
        squares = np.maximum(squares, 0.0)
    else:
        left, singular, _ = np.linalg.svd(columns, full_matrices=False)
        squares = singular**2
    return _Decomposed(left, squares, targets, left.T @ targets)
