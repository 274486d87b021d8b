"""Factors and solutions of many matrices at once."""

import numpy as np

from model.arrays import FloatArray
from model.posterior.cholesky import cholesky


def stacked_cholesky(matrices: FloatArray) -> FloatArray:
    """Return the Cholesky factors (networks, size, size); where one fails, each is taken by itself, with what it needs."""
    try:
        lower = np.asarray(np.linalg.cholesky(matrices))
        if np.isfinite(lower[:, -1, -1]).all():  # whatever is not finite ends up in the last corner
            return lower
    except np.linalg.LinAlgError:
        pass
    return np.stack([cholesky(matrix.copy()) for matrix in matrices])


def solve(matrices: FloatArray, vectors: FloatArray) -> FloatArray:
    """Return the solutions (networks, size); a network whose matrix is singular gets NaN."""
    try:
        return np.asarray(np.linalg.solve(matrices, vectors[:, :, None])[:, :, 0])
    except np.linalg.LinAlgError:
        return np.stack([_solve_one(matrix, vector) for matrix, vector in zip(matrices, vectors, strict=True)])


def _solve_one(matrix: FloatArray, vector: FloatArray) -> FloatArray:
    try:
        return np.asarray(np.linalg.solve(matrix, vector))
    except np.linalg.LinAlgError:
        return np.full_like(vector, np.nan)


def add_to_diagonals(matrices: FloatArray, values: FloatArray | float) -> FloatArray:
    """Add to the diagonals in place; the matrices may be a view."""
    diagonals = np.einsum("nii->ni", matrices)
    diagonals += values
    return matrices
