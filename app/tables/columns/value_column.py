"""A column of JSON values in little memory: numbers as an array, texts as one text, a thousand at a time."""

from collections.abc import Iterator, Sequence
from enum import Enum
from itertools import chain
from typing import Any, overload

import numpy as np

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


class ValueColumn(Sequence[Any]):
    """Values in chunks of equal size, but for the last; they are taken apart one chunk at a time."""

    def __init__(self, absent: int = 0) -> None:
        """Begin with so many rows that have no cell."""
        self._chunks: list[Chunk] = [_ABSENT_CHUNK] * (absent // CHUNK_ROWS)
        self._waiting: list[Any] = [ABSENT] * (absent % CHUNK_ROWS)

    def extend(self, values: Sequence[Any]) -> None:
        """Add values at the end, as only the column's reader does."""
        self._waiting.extend(values)
        while len(self._waiting) >= CHUNK_ROWS:
            full, self._waiting = self._waiting[:CHUNK_ROWS], self._waiting[CHUNK_ROWS:]
            self._chunks.append(_pack(full))

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

    def __iter__(self) -> Iterator[Any]:
        return chain(chain.from_iterable(map(_unpack, self._chunks)), self._waiting)

    def __len__(self) -> int:
        return CHUNK_ROWS * len(self._chunks) + len(self._waiting)

    def __eq__(self, other: object) -> bool:
        """Return whether another sequence has the same values."""
        return list(self) == list(other) if isinstance(other, Sequence) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # as lists have none

    @overload
    def __getitem__(self, place: int) -> Any: ...

    @overload
    def __getitem__(self, place: slice) -> list[Any]: ...

    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        chunk, row = divmod(range(len(self))[place], CHUNK_ROWS)
        return (_unpack(self._chunks[chunk]) if chunk < len(self._chunks) else self._waiting)[row]


_NUMBERS = {int, float}
_ABSENT_CHUNK: Chunk = [ABSENT] * CHUNK_ROWS


def _pack(values: list[Any]) -> Chunk:
    kinds = set(map(type, values))
    if kinds == {float}:
        return np.array(values, dtype=np.float64)
    if kinds == {int}:
        try:
            return np.array(values, dtype=np.int64)
        except OverflowError:
            return values
    if kinds == {str}:
        text = SEPARATOR.join(values)
        return text if text.count(SEPARATOR) == len(values) - 1 else values
    if kinds & {list, dict}:
        return [_NESTED if isinstance(value, list | dict) else value for value in values]
    return values


def _unpack(chunk: Chunk) -> list[Any]:
    if isinstance(chunk, str):
        return chunk.split(SEPARATOR)
    found: list[Any] = chunk if isinstance(chunk, list) else chunk.tolist()
    return found
