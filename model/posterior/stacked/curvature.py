"""The curvature of many networks side by side: as in `posterior.curvature`, with one more axis in front.

With the Jacobian J of a network's outputs and its residuals r, the regularised sum of squares has the Gauss-Newton
Hessian A = sum over targets of beta J'J, plus diag(alpha). `StackedNormalEquations` holds J'J (parameters x
parameters), `StackedDualSystem` J itself where there are fewer residuals than parameters (residuals x
residuals, by Woodbury's identity). Which of them it is depends on the shape alone.
"""

from typing import NamedTuple, Protocol

import numpy as np

from model.arrays import FloatArray, IntArray
from model.posterior.cholesky import Covariance, add_to_diagonal, cholesky, lower_inverse
from model.posterior.curvature import MAX_VARIANCE_RATIO
from model.posterior.stacked.factorisation import add_to_diagonals, solve, stacked_cholesky

Which = IntArray | slice


class StackedEffectiveParameters(NamedTuple):
    """How far the rows, rather than the prior, determine the parameters of each network."""

    half_log_determinant: FloatArray
    """(networks,): half the logarithm of the determinant of A."""
    by_parameter: FloatArray
    """(networks, parameters): 1 - alpha [A^-1]_ii, between 0 and 1."""
    by_target: FloatArray
    """(networks, targets): beta tr(A^-1 J'J)."""


class StackedCurvature(Protocol):
    """Residuals and Jacobians at one point for each network. alpha: (networks, parameters), beta: (networks, targets)."""

    squares: FloatArray
    """(networks, targets): summed squared residuals."""

    def gradient(self, beta: FloatArray) -> FloatArray:
        """Return the sums of beta J'r (networks, parameters)."""

    def step(self, precision: FloatArray, beta: FloatArray, gradient: FloatArray) -> FloatArray:
        """Solve (sum of beta J'J + diag(precision)) step = sum of beta J'r + gradient; NaN where there is no solution."""

    def effective_parameters(self, alpha: FloatArray, beta: FloatArray) -> StackedEffectiveParameters:
        """Tell what the rows determine."""

    def covariances(self, alpha: FloatArray, beta: FloatArray) -> tuple[Covariance, ...]:
        """Return A^-1 of each network."""

    def put(self, which: Which, others: "StackedCurvature") -> "StackedCurvature":
        """Return the same with others in the places `which`; may change this one."""

    def take(self, which: Which) -> "StackedCurvature":
        """Return those of these networks alone."""


class StackedNormalEquations:
    """J'J, J'r and r'r of each target, in one matrix: (networks, targets, parameters + 1, parameters + 1)."""

    def __init__(self, products: FloatArray) -> None:
        self._products = products
        self.squares = products[:, :, -1, -1].copy()

    def gradient(self, beta: FloatArray) -> FloatArray:
        """See `StackedCurvature`."""
        return np.asarray(np.matmul(beta[:, None], self._products[:, :, :-1, -1])[:, 0])

    def step(self, precision: FloatArray, beta: FloatArray, gradient: FloatArray) -> FloatArray:
        """See `StackedCurvature`."""
        system = self._summed(beta)
        matrix = add_to_diagonals(system[:, :-1, :-1], precision)
        return solve(matrix, system[:, :-1, -1] + gradient)

    def effective_parameters(self, alpha: FloatArray, beta: FloatArray) -> StackedEffectiveParameters:
        """See `StackedCurvature`."""
        lower = self._cholesky(alpha, beta)
        factor = lower_inverse(lower)
        by_parameter = 1.0 - alpha * np.einsum("nij,nij->nj", factor, factor)
        half_log_determinants = np.log(np.einsum("nii->ni", lower)).sum(axis=1)
        return StackedEffectiveParameters(
            half_log_determinants, by_parameter, self._by_target(factor, by_parameter, beta)
        )

    def covariances(self, alpha: FloatArray, beta: FloatArray) -> tuple[Covariance, ...]:
        """See `StackedCurvature`."""
        return tuple(Covariance(factor) for factor in np.tril(lower_inverse(self._cholesky(alpha, beta))))

    def put(self, which: Which, others: StackedCurvature) -> "StackedNormalEquations":
        """See `StackedCurvature`."""
        assert isinstance(others, StackedNormalEquations)  # noqa: S101 - for the type checker
        self._products[which], self.squares[which] = others._products, others.squares
        return self

    def take(self, which: Which) -> "StackedNormalEquations":
        """See `StackedCurvature`."""
        return StackedNormalEquations(self._products[which])

    def _by_target(self, factor: FloatArray, by_parameter: FloatArray, beta: FloatArray) -> FloatArray:
        if beta.shape[1] == 1:
            return np.asarray(by_parameter.sum(axis=1, keepdims=True))
        covariance = np.matmul(factor.swapaxes(1, 2), factor)
        return np.asarray(beta * np.einsum("nij,ntij->nt", covariance, self._products[:, :, :-1, :-1]))

    def _cholesky(self, alpha: FloatArray, beta: FloatArray) -> FloatArray:
        return stacked_cholesky(add_to_diagonals(self._summed(beta)[:, :-1, :-1], alpha))

    def _summed(self, beta: FloatArray) -> FloatArray:
        summed = np.multiply(beta[:, 0, None, None], self._products[:, 0])
        for target in range(1, beta.shape[1]):
            summed += beta[:, target, None, None] * self._products[:, target]
        return np.asarray(summed)


class StackedDualSystem:
    """The Jacobians themselves, the residuals their last columns: (networks, targets x samples, parameters + 1)."""

    def __init__(self, jacobian: FloatArray, targets: int) -> None:
        self._rows, self._targets = jacobian, targets
        self._jacobian, self._residuals = jacobian[:, :, :-1], jacobian[:, :, -1]
        self.squares = np.add.reduce((self._residuals**2).reshape(len(jacobian), targets, -1), 2)

    @staticmethod
    def of(jacobian: FloatArray) -> "StackedDualSystem":
        """Take Jacobians (networks, targets, samples, parameters + 1)."""
        networks, targets, _, columns = jacobian.shape
        return StackedDualSystem(jacobian.reshape(networks, -1, columns), targets)

    def gradient(self, beta: FloatArray) -> FloatArray:
        """See `StackedCurvature`."""
        weighted = self._by_row(beta) * self._residuals
        return np.asarray(np.matmul(weighted[:, None], self._jacobian)[:, 0])

    def step(self, precision: FloatArray, beta: FloatArray, gradient: FloatArray) -> FloatArray:
        """See `StackedCurvature`. The prior's share of the step is set apart, so that nothing large cancels."""
        inverse_root = 1.0 / np.sqrt(precision)
        share = gradient * inverse_root
        scaled, system = self._system(inverse_root, beta)
        solution = solve(system, self._residuals - np.matmul(scaled, share[:, :, None])[:, :, 0])
        return np.asarray((share + np.matmul(solution[:, None], scaled)[:, 0]) * inverse_root)

    def effective_parameters(self, alpha: FloatArray, beta: FloatArray) -> StackedEffectiveParameters:
        """See `StackedCurvature`."""
        scaled, system = self._system(1.0 / np.sqrt(alpha), beta)
        lower = stacked_cholesky(system)
        inverse, by_row = lower_inverse(lower), self._by_row(beta)
        known = np.matmul(inverse, scaled)
        leverages = 1.0 - np.einsum("nij,nij->nj", inverse, inverse) / by_row
        diagonals = np.einsum("nii->ni", lower) * np.sqrt(by_row)  # 1 for a row that only fills up
        half_log_determinants = np.log(diagonals).sum(axis=1) + 0.5 * np.log(alpha).sum(axis=1)
        by_target = np.add.reduce(leverages.reshape(*beta.shape, -1), 2)
        return StackedEffectiveParameters(half_log_determinants, np.einsum("nij,nij->nj", known, known), by_target)

    def covariances(self, alpha: FloatArray, beta: FloatArray) -> tuple[Covariance, ...]:
        """See `StackedCurvature`. What the rows take away is a matrix of few rows, unless it takes nearly everything."""
        known, by_row = self._jacobian / alpha[:, None], self._by_row(beta)
        system = np.matmul(known, self._jacobian.swapaxes(1, 2))
        taken = (np.einsum("nii->ni", system) * by_row).max(axis=1)
        lower = stacked_cholesky(add_to_diagonals(system, 1.0 / by_row))
        factors = np.matmul(lower_inverse(lower), known)
        return tuple(
            Covariance(factors[one], 1.0 / alpha[one])
            if taken[one] <= MAX_VARIANCE_RATIO
            else self._whole_covariance(one, alpha[one], by_row[one])
            for one in range(len(alpha))
        )

    def _whole_covariance(self, one: int, alpha: FloatArray, by_row: FloatArray) -> Covariance:
        matrix = (self._jacobian[one].T * by_row) @ self._jacobian[one]
        return Covariance(np.tril(lower_inverse(cholesky(add_to_diagonal(matrix, alpha)))))

    def put(self, which: Which, others: StackedCurvature) -> "StackedDualSystem":
        """See `StackedCurvature`."""
        assert isinstance(others, StackedDualSystem)  # noqa: S101 - for the type checker
        self._rows[which], self.squares[which] = others._rows, others.squares
        return self

    def take(self, which: Which) -> "StackedDualSystem":
        """See `StackedCurvature`."""
        return StackedDualSystem(self._rows[which], self._targets)

    def _system(self, inverse_root: FloatArray, beta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return S = J / sqrt(precision), and S S' + diag(1 / beta)."""
        scaled = self._jacobian * inverse_root[:, None]
        gram = np.matmul(scaled, scaled.swapaxes(1, 2))
        return scaled, add_to_diagonals(gram, self._by_row(1.0 / beta))

    def _by_row(self, by_target: FloatArray) -> FloatArray:
        if self._targets == 1:
            return by_target  # (networks, 1): broadcast
        return np.repeat(by_target, self._residuals.shape[1] // self._targets, axis=1)
