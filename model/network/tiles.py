"""Lanes: rows are answered some at a time, the last of them filled up, in buffers that are kept for the next who asks.

Products of different sizes round differently, so they take as many rows as there are lanes, never more
or fewer: a row's answer, to the last bit, does not depend on the company it is in.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

import numpy as np

from model.arrays import FloatArray

LANES = 4
"""Rows in a product: few, so that single rows are served at the full speed of the processor; more gain little."""

MANY_LANES = 16
"""Where a product takes longer to fetch its matrix than to work with it, more rows cost no more."""

MOST_ROWS = 128
"""In one pass: their Jacobian should stay in the cache."""

KEPT_BYTES = 1 << 19
"""Of the largest buffer. A pass with a larger one is not kept: who asks for many rows can wait for it to be made."""

LARGEST_BYTES = 1 << 24
"""Of Jacobian at a time."""

CACHED_BYTES = 1 << 20
"""Of what all passes read: so much is at hand from one to the next."""

Kind = TypeVar("Kind")


class Passes(Generic[Kind]):
    """Passes over so many rows as there are lanes, or twice as many, or four times ...: made as they are needed.

    Each is used by one caller at a time, so threads may share it.
    """

    def __init__(self, make: Callable[[int], Kind], bytes_a_row: int, shared_bytes: int, lanes: int = LANES) -> None:
        self._make, self._bytes_a_row, self._lanes = make, bytes_a_row, lanes
        self.are_quick = lanes * bytes_a_row <= KEPT_BYTES and shared_bytes <= CACHED_BYTES
        """Whether many rows at once are answered in a few milliseconds: the least passes are kept, and what they all read,
        the networks' parameters, is at hand."""
        self._free: dict[int, list[Kind]] = {}

    def run(self, rows: FloatArray, ask: Callable[[Kind, FloatArray], tuple[FloatArray, ...]]) -> list[FloatArray]:
        """Return what `ask` has passes say about rows (rows, columns): arrays with a row for each of them."""
        most = MOST_ROWS
        while most > self._lanes and most * self._bytes_a_row > LARGEST_BYTES:
            most //= 2
        parts, taken = [], {}
        for start in range(0, len(rows) or 1, most):
            piece = rows[start : start + most]
            size = self._size(len(piece))
            if size not in taken:
                taken[size] = self._take(size)
            parts.append(ask(taken[size], piece))
        for size, one in taken.items():
            self._keep(size, one)
        return list(parts[0]) if len(parts) == 1 else [np.concatenate(part) for part in zip(*parts, strict=True)]

    def _take(self, size: int) -> Kind:
        try:
            return self._free[size].pop()
        except (KeyError, IndexError):  # there is none, or they are all at work in other threads
            return self._make(size)

    def _keep(self, size: int, one: Kind) -> None:
        free = self._free.setdefault(size, [])
        if size * self._bytes_a_row <= KEPT_BYTES and not free:
            free.append(one)

    def _size(self, rows: int) -> int:
        """Return the least number of lanes, doubled again and again, for so many rows."""
        size = self._lanes
        while size < rows:
            size *= 2
        return size


def in_lanes(values: FloatArray, lanes: int) -> FloatArray:
    """Return a view of values (..., units, samples) as (..., blocks, units, lanes)."""
    *lead, samples = values.shape
    return values.reshape(*lead, samples // lanes, lanes).swapaxes(-2, -3)
