"""Cholesky factors and their inverses, and the covariance that is kept as one."""

from typing import NamedTuple

import numpy as np

from model.arrays import FloatArray
from model.errors import TrainingFailed


def cholesky(matrix: FloatArray) -> FloatArray:
    """Return the Cholesky factor; a matrix whose smallest eigenvalues rounding has made negative gets a little added."""
    for jitter in (0.0, 1e-14, 1e-12, 1e-10):
        try:
            if jitter:
                add_to_diagonal(matrix, np.full(len(matrix), jitter * np.abs(matrix).max()))
            lower = np.asarray(np.linalg.cholesky(matrix), dtype=np.float64)
        except np.linalg.LinAlgError:
            continue
        if np.isfinite(lower[-1, -1]):  # anything not finite spreads to the last corner
            return lower
    raise TrainingFailed("the training diverged: the curvature is no longer a matrix of finite numbers")


def lower_inverse(lower: FloatArray) -> FloatArray:
    """Invert lower triangular matrices (..., size, size), by halves, recursively: a third of the work of the general inverse."""
    size = lower.shape[-1]
    if size <= 48:
        return np.asarray(np.linalg.inv(lower))
    half = size // 2
    inverse = np.zeros_like(lower)
    first = inverse[..., :half, :half] = lower_inverse(lower[..., :half, :half])
    second = inverse[..., half:, half:] = lower_inverse(lower[..., half:, half:])
    inverse[..., half:, :half] = -(second @ (lower[..., half:, :half] @ first))
    return inverse


def add_to_diagonal(matrix: FloatArray, values: FloatArray) -> FloatArray:
    """Add to the diagonal in place; the matrix may be a view."""
    diagonal = np.einsum("ii->i", matrix)
    diagonal += values
    return matrix


class Covariance(NamedTuple):
    """The covariance of a network's parameters, A^-1, in the form that takes least room."""

    factor: FloatArray
    """(any number, parameters): F."""
    prior: FloatArray | None = None
    """(parameters,): A^-1 is diag(prior) - F'F; None: it is F'F."""

    def propagate(self, jacobian: FloatArray) -> FloatArray:
        """Return J A^-1 J' (samples, outputs, outputs) for a Jacobian (outputs, parameters, samples)."""
        projected = np.matmul(self.factor, jacobian)
        squares: FloatArray = np.einsum("kpn,lpn->nkl", projected, projected)
        if self.prior is None:
            return squares
        return np.asarray(np.einsum("kpn,p,lpn->nkl", jacobian, self.prior, jacobian) - squares)

    def times(self, vector: FloatArray) -> FloatArray:
        """Return A^-1 times a vector (parameters,)."""
        product = np.asarray(self.factor.T @ (self.factor @ vector))
        return product if self.prior is None else self.prior * vector - product

    @property
    def whole(self) -> "Covariance":
        """The same in the form F'F."""
        if self.prior is None:
            return self
        return Covariance(cholesky(np.diag(self.prior) - self.factor.T @ self.factor).T)
