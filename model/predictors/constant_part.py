"""The constant part: the same location and variance for every row, as the mean of a table gives them."""

from dataclasses import dataclass

import numpy as np

from model.arrays import FloatArray
from model.network import TILE_ROWS


@dataclass(frozen=True, eq=False)
class ConstantPart:
    """Its own pass, too, since it needs no buffers."""

    location: FloatArray
    """(targets,)"""
    variance: FloatArray
    """(targets,)"""

    tile_rows, bytes_a_row, shared_bytes, operations_a_row = TILE_ROWS, 0, 0, 0

    def make_pass(self, _: int) -> "ConstantPart":
        """See `Part`."""
        return self

    def locations(self, columns: FloatArray) -> FloatArray:
        """See `PartPass`."""
        return _repeat(self.location, len(columns))

    def locations_and_variances(self, columns: FloatArray) -> tuple[FloatArray, FloatArray]:
        """See `PartPass`."""
        return _repeat(self.location, len(columns)), _repeat(self.variance, len(columns))


def _repeat(values: FloatArray, rows: int) -> FloatArray:
    return np.broadcast_to(values[:, None], (len(values), rows))
