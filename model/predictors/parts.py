"""A part of a mixture: one trained candidate, ready to answer, whatever kind it is of.

A part is a frozen value of arrays; what answers for it works in buffers of a fixed number of rows, and says of a row the
same to the last bit whatever other rows are in the batch.
"""

from typing import Protocol

from model.arrays import FloatArray


class PartPass(Protocol):
    """Answers for up to a fixed number of rows, in scaled units. It belongs to one caller at a time."""

    def locations(self, columns: FloatArray) -> FloatArray:
        """Return locations (targets, rows) for columns (rows, columns)."""

    def locations_and_variances(self, columns: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return locations and variances, each (targets, rows), for columns (rows, columns)."""


class Part(Protocol):
    """A member candidate of a mixture."""

    @property
    def tile_rows(self) -> int:
        """How many rows its products take at a time."""

    @property
    def bytes_a_row(self) -> int:
        """Of the largest buffer that a pass needs."""

    @property
    def shared_bytes(self) -> int:
        """Of what all passes read."""

    @property
    def operations_a_row(self) -> int:
        """About how many floating-point operations it takes to answer a row."""

    def make_pass(self, samples: int) -> PartPass:
        """Return a pass over up to so many rows, a multiple of `tile_rows`."""
