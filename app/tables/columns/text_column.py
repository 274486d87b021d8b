"""A column of text cells in as little memory as the text itself takes: a Python string needs 50 bytes more than it holds."""

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import overload

SEPARATOR = "\x1f"
"""The unit separator of ASCII, which hardly any cell holds."""

Chunk = str | list[str]
"""Cells, joined to one text; or as they are, if one of them holds the separator."""


class TextColumn(Sequence[str]):
    """Cells in chunks of equal size, but for the last; they are taken apart one chunk at a time."""

    def __init__(self, chunk_rows: int) -> None:
        self._chunk_rows = chunk_rows
        self._chunks: list[Chunk] = []
        self._waiting: list[str] = []

    def extend(self, cells: Sequence[str]) -> None:
        """Add cells at the end, as only the column's reader does."""
        self._waiting.extend(cells)
        while len(self._waiting) >= self._chunk_rows:
            full, self._waiting = self._waiting[: self._chunk_rows], self._waiting[self._chunk_rows :]
            text = SEPARATOR.join(full)
            self._chunks.append(text if text.count(SEPARATOR) == len(full) - 1 else full)

    def __iter__(self) -> Iterator[str]:
        return chain(chain.from_iterable(map(_split, self._chunks)), self._waiting)

    def __len__(self) -> int:
        return self._chunk_rows * len(self._chunks) + len(self._waiting)

    def __eq__(self, other: object) -> bool:
        """Return whether another sequence has the same cells."""
        return list(self) == list(other) if isinstance(other, Sequence) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # as lists have none

    @overload
    def __getitem__(self, place: int) -> str: ...

    @overload
    def __getitem__(self, place: slice) -> list[str]: ...

    def __getitem__(self, place: int | slice) -> str | list[str]:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        chunk, row = divmod(range(len(self))[place], self._chunk_rows)
        return (_split(self._chunks[chunk]) if chunk < len(self._chunks) else self._waiting)[row]


def _split(chunk: Chunk) -> list[str]:
    return chunk.split(SEPARATOR) if isinstance(chunk, str) else chunk
