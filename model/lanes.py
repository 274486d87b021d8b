"""Lanes: rows are answered a few at a time, the last few filled up.

Then a row's answer, to the last bit, does not depend on the company it is in, and single rows are still
served at the full speed of the processor.
"""

from collections.abc import Sequence

import numpy as np

from model.activations import FloatArray

LANES = 4


def filled(features: FloatArray) -> FloatArray:
    """Add rows of zeros to (rows, features), so that they fill all lanes."""
    count = -(-len(features) // LANES)
    whole = np.zeros((count * LANES, features.shape[1]))
    whole[: len(features)] = features
    return whole


def in_lanes(inputs: FloatArray) -> FloatArray:
    """Bring filled rows (rows, inputs) into row blocks (blocks, 1, inputs, LANES), as an ensemble takes them."""
    return inputs.reshape(len(inputs) // LANES, 1, LANES, inputs.shape[1]).swapaxes(-1, -2).copy()


def as_rows(parts: Sequence[FloatArray], rows: int) -> FloatArray:
    """Bring row blocks (blocks, outputs, LANES) back to (rows, outputs), without what was filled up."""
    joined = np.concatenate(parts).swapaxes(-1, -2)
    return joined.reshape(-1, joined.shape[-1])[:rows]
