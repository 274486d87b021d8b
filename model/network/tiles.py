"""Tiles: matrix products take a fixed number of rows at a time, the last tile filled up, in buffers that are kept.

Products of different sizes round differently. As all have one size, a row's prediction is the same, to the last
bit, whatever other rows are in the batch.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

import numpy as np

from model.arrays import FloatArray

TILE_ROWS = 4
"""Rows in a product: few, so that single rows are served at the full speed of the processor; more gain little."""

WIDE_TILE_ROWS = 16
"""Rows in a product whose matrix does not fit the cache: fetching it then takes most of the time, and more rows cost no more."""

MAX_PASS_ROWS = 128
"""Rows in one pass: their Jacobian should stay in the cache."""

MAX_KEPT_BYTES = 1 << 19
"""A pass whose largest buffer has more bytes is not kept: beside the time that so many rows take, making it anew is little."""

MAX_JACOBIAN_BYTES = 1 << 24
"""The bytes of a Jacobian that are held at a time."""

MAX_CACHED_BYTES = 1 << 20
"""Of an array that every pass reads: so much stays in the cache from one to the next."""

Kind = TypeVar("Kind")


class BufferPool(Generic[Kind]):
    """Passes, each with its buffers, over 1, 2, 4, ... tiles of rows: made as they are needed, and kept for reuse.

    A pass is used by one caller at a time, so threads may share the pool.
    """

    def __init__(
        self, make: Callable[[int], Kind], bytes_a_row: int, shared_bytes: int, tile_rows: int = TILE_ROWS
    ) -> None:
        self._make, self._bytes_a_row, self._tile_rows = make, bytes_a_row, tile_rows
        self.are_quick = tile_rows * bytes_a_row <= MAX_KEPT_BYTES and shared_bytes <= MAX_CACHED_BYTES
        """Whether many rows at once take a few milliseconds: passes over one tile are kept, and what they all read,
        the networks' parameters, fits the cache."""
        self.buffer_bytes = 2 * max(tile_rows * bytes_a_row, min(MAX_PASS_ROWS * bytes_a_row, MAX_JACOBIAN_BYTES))
        """How much memory a pass takes at the most: its largest buffer, and as much again for what is computed from it."""
        self._free: dict[int, list[Kind]] = {}

    def run(self, rows: FloatArray, compute: Callable[[Kind, FloatArray], tuple[FloatArray, ...]]) -> list[FloatArray]:
        """Return what `compute(pass, rows)` gives for rows (rows, columns): arrays with a row for each of them."""
        limit = MAX_PASS_ROWS
        while limit > self._tile_rows and limit * self._bytes_a_row > MAX_JACOBIAN_BYTES:
            limit //= 2
        parts, taken = [], {}
        for start in range(0, len(rows) or 1, limit):
            piece = rows[start : start + limit]
            size = self._size(len(piece))
            if size not in taken:
                taken[size] = self._take(size)
            parts.append(compute(taken[size], piece))
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
        if size * self._bytes_a_row <= MAX_KEPT_BYTES and not free:
            free.append(one)

    def _size(self, rows: int) -> int:
        """Return the least 1, 2, 4, ... tiles that hold so many rows, in rows."""
        size = self._tile_rows
        while size < rows:
            size *= 2
        return size


def in_tiles(values: FloatArray, tile_rows: int) -> FloatArray:
    """Return a view of values (..., units, samples) as (..., tiles, units, tile rows)."""
    *lead, samples = values.shape
    return values.reshape(*lead, samples // tile_rows, tile_rows).swapaxes(-2, -3)
