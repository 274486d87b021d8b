"""Screening: which columns seem to matter, for a network that is to be small."""

import numpy as np

from model.arrays import FloatArray, IntArray

ROWS_PER_COLUMN, MIN_COLUMNS, MAX_COLUMNS = 6, 3, 40
"""How many columns are screened for how many rows."""


def screen(inputs: FloatArray, targets: FloatArray) -> IntArray:
    """Return the columns of standardised inputs (rows, columns) that go with a target, straight or by their square.

    At most one for each six rows, and at most forty.
    """
    most = max(MIN_COLUMNS, min(len(inputs) // ROWS_PER_COLUMN, MAX_COLUMNS))
    if inputs.shape[1] <= most:
        return np.arange(inputs.shape[1])
    squares = inputs**2 - 1.0
    deviation = squares.std(axis=0)[:, None] + 1e-9
    pull = np.maximum(np.abs(inputs.T @ targets), np.abs(squares.T @ targets) / deviation).max(axis=1)
    return np.sort(np.argsort(-pull, kind="stable")[:most])
