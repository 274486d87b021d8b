"""The curvature of a network's sum of squares at one point: what a step, the evidence and a posterior are made of.

For parameters w, residuals r = f(w) - y (residuals,), their Jacobian J (residuals, parameters) and precisions alpha of
the weights and beta of the noise, the regularised sum of squares is

    S(w) = 1/2 (beta r'r + w' diag(alpha) w),   gradient  beta J'r + alpha w,   A = beta J'J + diag(alpha),

with A its Gauss-Newton Hessian; with several targets, each has its own beta, and the terms are summed. There are two
ways to work with A, which agree up to rounding:

    NormalEquations   sums J'J (parameters x parameters) and solves A x = g by Cholesky's factors;
    DualSystem        keeps J, and by Woodbury's identity solves in the space of the residuals:
                      A^-1 = D - D J' (J D J' + 1/beta)^-1 J D,   D = diag(1/alpha).

The first needs the memory of one matrix however many rows there are; the second costs less where there are fewer
residuals than parameters. Both are exact, as the determinant and the trace of the evidence have to be; an iterative
solver would give neither. (The arrays below hold J transposed: (parameters, residuals).)
"""

from typing import NamedTuple, Protocol

import numpy as np

from model.arrays import FloatArray
from model.posterior.cholesky import Covariance, add_to_diagonal, cholesky, lower_inverse


class EffectiveParameters(NamedTuple):
    """How far the rows, rather than the prior, determine the parameters."""

    half_log_determinant: float
    """Half the logarithm of the determinant of A."""
    by_parameter: FloatArray
    """(parameters,): 1 - alpha [A^-1]_ii, between 0 and 1."""
    by_target: FloatArray
    """(targets,): beta tr(A^-1 J'J), what each target contributes; over all targets the same sum."""


MAX_VARIANCE_RATIO = 1e8
"""The largest ratio, of the variance that the prior gives an output to that of the noise, at which a difference of the two
keeps enough digits."""


class Curvature(Protocol):
    """Residuals and Jacobian at one point, summed up."""

    samples: int
    squares: FloatArray
    """(targets,): summed squared residuals."""

    def gradient(self, beta: FloatArray) -> FloatArray:
        """Return the sum of beta J'r (parameters,)."""

    def step(self, precision: FloatArray, beta: FloatArray, prior_gradient: FloatArray) -> FloatArray:
        """Solve (sum of beta J'J + diag(precision)) step = sum of beta J'r + prior_gradient, all (parameters,)."""

    def effective_parameters(self, alpha: FloatArray, beta: FloatArray) -> EffectiveParameters:
        """Return what the rows determine, for precisions alpha (parameters,) and beta (targets,)."""

    def covariance(self, alpha: FloatArray, beta: FloatArray) -> Covariance:
        """Return A^-1."""


class NormalEquations:
    """J'J, J'r and r'r of each target, in one matrix: (targets, parameters + 1, parameters + 1)."""

    def __init__(self, products: FloatArray, samples: int) -> None:
        self.samples = samples
        self.squares = products[:, -1, -1].copy()
        self._products = products

    def gradient(self, beta: FloatArray) -> FloatArray:
        """See `Curvature`."""
        return np.asarray(beta @ self._products[:, :-1, -1])

    def step(self, precision: FloatArray, beta: FloatArray, prior_gradient: FloatArray) -> FloatArray:
        """See `Curvature`."""
        system = self._sum(beta)
        matrix = add_to_diagonal(system[:-1, :-1], precision)
        return np.linalg.solve(matrix, system[:-1, -1] + prior_gradient).astype(np.float64, copy=False)

    def effective_parameters(self, alpha: FloatArray, beta: FloatArray) -> EffectiveParameters:
        """See `Curvature`."""
        lower = self._cholesky(alpha, beta)
        factor = lower_inverse(lower)
        by_parameter = 1.0 - alpha * np.einsum("ij,ij->j", factor, factor)
        half_log_determinant = float(np.log(lower.diagonal()).sum())
        return EffectiveParameters(half_log_determinant, by_parameter, self._by_target(factor, by_parameter, beta))

    def covariance(self, alpha: FloatArray, beta: FloatArray) -> Covariance:
        """See `Curvature`."""
        return Covariance(np.tril(lower_inverse(self._cholesky(alpha, beta))))

    def _by_target(self, factor: FloatArray, by_parameter: FloatArray, beta: FloatArray) -> FloatArray:
        if len(beta) == 1:
            return np.array([by_parameter.sum()])
        covariance = factor.T @ factor
        return np.array([b * np.vdot(covariance, each[:-1, :-1]) for b, each in zip(beta, self._products, strict=True)])

    def _cholesky(self, alpha: FloatArray, beta: FloatArray) -> FloatArray:
        return cholesky(add_to_diagonal(self._sum(beta)[:-1, :-1], alpha))

    def _sum(self, beta: FloatArray) -> FloatArray:
        summed = np.multiply(beta[0], self._products[0])
        for target in range(1, len(beta)):
            np.add(summed, beta[target] * self._products[target], summed)
        return np.asarray(summed)


class DualSystem:
    """The Jacobian itself (parameters, residuals) beside its residuals, target by target."""

    def __init__(self, jacobian: FloatArray, targets: int) -> None:
        self._jacobian, self._residuals = jacobian[:-1], jacobian[-1]
        self.samples = len(self._residuals) // targets
        self.squares = np.add.reduce((self._residuals * self._residuals).reshape(targets, -1), 1)

    def gradient(self, beta: FloatArray) -> FloatArray:
        """See `Curvature`."""
        return np.asarray(self._jacobian @ (self._repeat(beta) * self._residuals))

    def step(self, precision: FloatArray, beta: FloatArray, prior_gradient: FloatArray) -> FloatArray:
        """See `Curvature`. The prior's share of the step is set apart, so that nothing large cancels."""
        root = np.sqrt(precision)
        share, scaled = prior_gradient / root, self._jacobian / root[:, None]
        system = add_to_diagonal(scaled.T @ scaled, self._repeat(1.0 / beta))
        return (share + scaled @ np.linalg.solve(system, self._residuals - share @ scaled)) / root

    def effective_parameters(self, alpha: FloatArray, beta: FloatArray) -> EffectiveParameters:
        """See `Curvature`."""
        whitened = self._jacobian * np.sqrt(self._repeat(beta)) / np.sqrt(alpha)[:, None]
        lower = cholesky(add_to_diagonal(whitened.T @ whitened, np.ones(whitened.shape[1])))
        inverse = lower_inverse(lower)
        explained = whitened @ inverse.T
        leverages = 1.0 - np.einsum("ij,ij->j", inverse, inverse)
        half_log_determinant = float(np.log(lower.diagonal()).sum() + 0.5 * np.log(alpha).sum())
        by_target = np.add.reduce(leverages.reshape(len(beta), -1), 1)
        return EffectiveParameters(half_log_determinant, np.einsum("ij,ij->i", explained, explained), by_target)

    def covariance(self, alpha: FloatArray, beta: FloatArray) -> Covariance:
        """See `Curvature`. What the rows take away is a matrix of few rows, unless it takes nearly everything."""
        scaled, by_row = self._jacobian / alpha[:, None], self._repeat(beta)
        system = scaled.T @ self._jacobian
        if (system.diagonal() * by_row).max() <= MAX_VARIANCE_RATIO:
            lower = cholesky(add_to_diagonal(system, 1.0 / by_row))
            return Covariance(lower_inverse(lower) @ scaled.T, 1.0 / alpha)
        weighted = self._jacobian * by_row
        return Covariance(np.tril(lower_inverse(cholesky(add_to_diagonal(weighted @ self._jacobian.T, alpha)))))

    def _repeat(self, by_target: FloatArray) -> FloatArray:
        return by_target if len(by_target) == 1 else np.repeat(by_target, self.samples)
