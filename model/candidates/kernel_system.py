"""The linear system of kernel ridge regression with an intercept b that is not held back, and what it says of rows left out.

With A = K + ridge I the weights are P y, and b = 1'A^-1 y / 1'A^-1 1, where P = A^-1 - A^-1 1 1'A^-1 / 1'A^-1 1. The errors
of rows I left out are (P_II)^-1 (P y)_I, exactly (Dubrule 1983), and for a single row (P y)_i / P_ii: no other fit is made.
"""

from collections.abc import Iterable

import numpy as np

from model.arrays import FloatArray, IntArray
from model.posterior import add_to_diagonal, cholesky, lower_inverse


class EigenSystem:
    """The system for many ridges: K = V diag(e) V'."""

    def __init__(self, kernel: FloatArray, targets: FloatArray) -> None:
        values, self._vectors = np.linalg.eigh(kernel)
        self._values = np.maximum(values, 0.0)
        self._squares = self._vectors**2
        self._targets = self._vectors.T @ targets
        self._ones = self._vectors.sum(axis=0)

    def best_ridge(self, ridges: Iterable[float]) -> tuple[float, float]:
        """Return the least mean square of exact leave-one-out errors, and the ridge that gives it."""
        return min((self._leave_one_out(ridge), ridge) for ridge in ridges)

    def weights(self, ridge: float) -> FloatArray:
        """(rows,): P targets."""
        inverse = 1.0 / (self._values + ridge)
        intercept = (self._ones * inverse) @ self._targets / ((self._ones * inverse) @ self._ones)
        return np.asarray(self._vectors @ (inverse * (self._targets - intercept * self._ones)))

    def _leave_one_out(self, ridge: float) -> float:
        inverse = 1.0 / (self._values + ridge)
        of_ones = self._vectors @ (inverse * self._ones)
        diagonal = self._squares @ inverse - of_ones**2 / ((self._ones * inverse) @ self._ones)
        return float(np.mean((self.weights(ridge) / diagonal) ** 2))


class CholeskySystem:
    """The system for one ridge, by its Cholesky factor: a tenth of the work."""

    def __init__(self, kernel: FloatArray, targets: FloatArray, ridge: float) -> None:
        system = add_to_diagonal(kernel.copy(), np.full(len(kernel), ridge))
        self._inverse = lower_inverse(cholesky(system))  # A^-1 = inverse' inverse
        self._of_ones = self._inverse.T @ self._inverse.sum(axis=1)
        of_targets = self._inverse.T @ (self._inverse @ targets)
        self._total = self._of_ones.sum()
        self.intercept = float(of_targets.sum() / self._total)
        self.weights: FloatArray = of_targets - self.intercept * self._of_ones

    @property
    def leave_one_out_error(self) -> float:
        """The mean square of exact leave-one-out errors."""
        diagonal = np.einsum("ij,ij->j", self._inverse, self._inverse) - self._of_ones**2 / self._total
        return float(np.mean((self.weights / diagonal) ** 2))

    def errors(self, rows: IntArray) -> FloatArray:
        """Return the errors of rows that are left out together, with the same kernel and ridge."""
        part, ones = self._inverse[:, rows], self._of_ones[rows]
        precision = part.T @ part - np.outer(ones, ones) / self._total
        return np.asarray(np.linalg.solve(precision, self.weights[rows]))
