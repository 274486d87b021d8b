"""Cholesky factors, and their inverses."""

import numpy as np

from model.arrays import FloatArray
from model.errors import TrainingFailed


def cholesky(matrix: FloatArray) -> FloatArray:
    """Return the Cholesky factor; a matrix that rounding has robbed of its positive eigenvalues gets a little back."""
    for jitter in (0.0, 1e-14, 1e-12, 1e-10):
        try:
            if jitter:
                add_to_diagonal(matrix, np.full(len(matrix), jitter * np.abs(matrix).max()))
            lower = np.asarray(np.linalg.cholesky(matrix), dtype=np.float64)
        except np.linalg.LinAlgError:
            continue
        if np.isfinite(lower[-1, -1]):  # whatever is not finite ends up in the last corner
            return lower
    raise TrainingFailed("the training diverged: the curvature is no longer a matrix of finite numbers")


def lower_inverse(lower: FloatArray) -> FloatArray:
    """Invert a lower triangular matrix, halves by halves: a third of the work of the general inverse."""
    size = len(lower)
    if size <= 48:
        return np.asarray(np.linalg.inv(lower))
    half = size // 2
    inverse = np.zeros_like(lower)
    first = inverse[:half, :half] = lower_inverse(lower[:half, :half])
    second = inverse[half:, half:] = lower_inverse(lower[half:, half:])
    inverse[half:, :half] = -(second @ (lower[half:, :half] @ first))
    return inverse


def add_to_diagonal(matrix: FloatArray, values: FloatArray) -> FloatArray:
    """Add to the diagonal in place; the matrix may be a view."""
    diagonal = np.einsum("ii->i", matrix)
    diagonal += values
    return matrix
