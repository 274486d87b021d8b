"""A column of JSON values in little memory: numbers as an array, texts as one text, a thousand at a time."""

from enum import Enum
from typing import Any

import numpy as np

from app.tables.columns.chunked_column import ChunkedColumn
from app.tables.columns.text_column import SEPARATOR
from model.arrays import FloatArray

CHUNK_ROWS = 1000


class _Absent(Enum):
    """Where a row has no cell at all, which is not the same as null."""

    ABSENT = 0


ABSENT = _Absent.ABSENT

_NESTED: list[Any] = []
"""What is kept of a list or an object, which no column can hold: that it is none of its values."""

Chunk = Any
"""An array of floats or of integers, a text of joined texts, or a list."""


class ValueColumn(ChunkedColumn[Any, Chunk]):
    """JSON values."""

    def __init__(self, absent: int = 0) -> None:
        """Begin with so many rows that have no cell."""
        super().__init__(CHUNK_ROWS)
        self._chunks = [_ABSENT_CHUNK] * (absent // CHUNK_ROWS)
        self._waiting = [ABSENT] * (absent % CHUNK_ROWS)

    def to_floats(self) -> FloatArray | None:
        """Return the values as floats (rows,), if all of them are numbers; None if one is not, or is too large."""
        if (
            not all(isinstance(chunk, np.ndarray) for chunk in self._chunks)
            or not set(map(type, self._waiting)) <= _NUMBERS
        ):
            return None
        try:
            return np.concatenate([*self._chunks, np.array(self._waiting, dtype=np.float64)], dtype=np.float64)
        except OverflowError:
            return None

    @staticmethod
    def _pack(cells: list[Any]) -> Chunk:
        kinds = set(map(type, cells))
        if kinds == {float}:
            return np.array(cells, dtype=np.float64)
        if kinds == {int}:
            try:
                return np.array(cells, dtype=np.int64)
            except OverflowError:
                return cells
        if kinds == {str}:
            text = SEPARATOR.join(cells)
            return text if text.count(SEPARATOR) == len(cells) - 1 else cells
        if kinds & {list, dict}:
            return [_NESTED if isinstance(cell, list | dict) else cell for cell in cells]
        return cells

    @staticmethod
    def _unpack(chunk: Chunk) -> list[Any]:
        if isinstance(chunk, str):
            return chunk.split(SEPARATOR)
        found: list[Any] = chunk if isinstance(chunk, list) else chunk.tolist()
        return found


_NUMBERS = {int, float}
_ABSENT_CHUNK: Chunk = [ABSENT] * CHUNK_ROWS
