"""Lanes: rows are answered some at a time, the last of them filled up, in buffers that are kept for the next who asks.

Products of different sizes round differently, so they take as many rows as there are lanes, never more
or fewer: a row's answer, to the last bit, does not depend on the company it is in.
"""

from collections.abc import Callable
from typing import Generic, TypeVar

import numpy as np

from model.activations import FloatArray

LANES = 4
"""Rows in a product: few, so that single rows are served at the full speed of the processor; more gain little."""

MOST_ROWS = 128
"""In one pass: their Jacobian should stay in the cache."""

KEPT_BYTES = 1 << 20
"""Of buffers. A pass with larger ones is not kept: who asks for many rows can wait for it to be made."""

LARGEST_BYTES = 1 << 24


Kind = TypeVar("Kind")


class Passes(Generic[Kind]):
    """Passes over up to 4, 8, 16, ... rows, made as they are needed and used by one caller at a time. Threads may share it."""

    def __init__(self, make: Callable[[int], Kind], bytes_a_row: int) -> None:
        self._make, self._bytes_a_row = make, bytes_a_row
        self._free: dict[int, list[Kind]] = {}

    def run(self, rows: FloatArray, ask: Callable[[Kind, FloatArray], tuple[FloatArray, ...]]) -> list[FloatArray]:
        """Return what `ask` has passes say about rows (rows, columns): arrays with a row for each of them."""
        most = MOST_ROWS
        while most > LANES and most * self._bytes_a_row > LARGEST_BYTES:
            most //= 2
        parts = [self._ask(rows[start : start + most], ask) for start in range(0, len(rows) or 1, most)]
        return list(parts[0]) if len(parts) == 1 else [np.concatenate(part) for part in zip(*parts, strict=True)]

    def _ask(
        self, rows: FloatArray, ask: Callable[[Kind, FloatArray], tuple[FloatArray, ...]]
    ) -> tuple[FloatArray, ...]:
        size = lanes_for(len(rows))
        free = self._free.setdefault(size, [])
        try:
            one = free.pop()
        except IndexError:  # there is none, or they are all at work in other threads
            one = self._make(size)
        said = ask(one, rows)
        if size * self._bytes_a_row <= KEPT_BYTES:
            free.append(one)
        return said


def lanes_for(rows: int) -> int:
    """Return the least number of lanes for so many rows: `LANES`, or that doubled again and again."""
    lanes = LANES
    while lanes < rows:
        lanes *= 2
    return lanes


def in_lanes(values: FloatArray, lanes: int = LANES) -> FloatArray:
    """Return a view of values (..., units, samples) as (blocks, ..., units, lanes)."""
    *lead, samples = values.shape
    return np.moveaxis(values.reshape(*lead, samples // lanes, lanes), -2, 0)
