"""Lanes: rows are answered a fixed number at a time, the last of them filled up.

Products of different sizes round differently. So a row's answer, to the last bit, does not depend on the
company it is in.
"""

import numpy as np

from model.activations import FloatArray


def filled_up(rows: FloatArray, lanes: int) -> FloatArray:
    """Return rows (rows, columns) with as many more of zeros as fill the last block."""
    filled = np.zeros((-(-len(rows) // lanes) * lanes, rows.shape[1]))
    filled[: len(rows)] = rows
    return filled


def in_lanes(inputs: FloatArray, lanes: int) -> FloatArray:
    """Return full blocks of rows (rows, inputs) as (blocks, 1, inputs, lanes), as an ensemble takes them."""
    return inputs.reshape(-1, 1, lanes, inputs.shape[1]).swapaxes(-1, -2).copy()
