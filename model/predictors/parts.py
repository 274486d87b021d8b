"""A part of a mixture: one trained candidate, ready to answer, whatever kind it is of; and the simplest kind, a constant.

A part is a frozen value of arrays; what answers for it works in buffers of a fixed number of rows, and says of a row the
same to the last bit whatever other rows are in the batch.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from model.arrays import FloatArray
from model.network import TILE_ROWS


class PartPass(Protocol):
    """Answers for up to a fixed number of rows, in scaled units. It belongs to one caller at a time."""

    def locations(self, columns: FloatArray) -> FloatArray:
        """Return locations (targets, rows) for columns (rows, columns)."""

    def locations_and_variances(self, columns: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return locations and variances, each (targets, rows), for columns (rows, columns)."""


class PartCost(Protocol):
    """What says how much it takes to answer a row."""

    @property
    def bytes_a_row(self) -> int:
        """Of the largest buffer that a pass needs."""

    @property
    def shared_bytes(self) -> int:
        """Of what all passes read."""

    @property
    def operations_a_row(self) -> int:
        """About how many floating-point operations it takes to answer a row."""


class Part(PartCost, Protocol):
    """A member candidate of a mixture."""

    @property
    def tile_rows(self) -> int:
        """How many rows its products take at a time."""

    def make_pass(self, samples: int) -> PartPass:
        """Return a pass over up to so many rows, a multiple of `tile_rows`."""


@dataclass(frozen=True, eq=False)
class ConstantPart:
    """The same location and variance for every row, as the mean of a table gives them. It is its own pass."""

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
