"""A column whose cells are kept in chunks, each in as little memory as its kind of cells takes."""

from abc import abstractmethod
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, Generic, TypeVar, overload

Cell = TypeVar("Cell")
Chunk = TypeVar("Chunk")


class ChunkedColumn(Sequence[Cell], Generic[Cell, Chunk]):
    """Cells in chunks of equal size, but for the last; they are taken apart one chunk at a time."""

    def __init__(self, chunk_rows: int) -> None:
        self._chunk_rows = chunk_rows
        self._chunks: list[Chunk] = []
        self._waiting: list[Cell] = []

    @staticmethod
    @abstractmethod
    def _pack(cells: list[Cell]) -> Chunk:
        """Return cells as a chunk."""

    @staticmethod
    @abstractmethod
    def _unpack(chunk: Chunk) -> list[Cell]:
        """Return the cells of a chunk."""

    def extend(self, cells: Sequence[Cell]) -> None:
        """Add cells at the end, as only the column's reader does."""
        self._waiting.extend(cells)
        while len(self._waiting) >= self._chunk_rows:
            full, self._waiting = self._waiting[: self._chunk_rows], self._waiting[self._chunk_rows :]
            self._chunks.append(self._pack(full))

    def __iter__(self) -> Iterator[Cell]:
        return chain(chain.from_iterable(map(self._unpack, self._chunks)), self._waiting)

    def __len__(self) -> int:
        return self._chunk_rows * len(self._chunks) + len(self._waiting)

    def __eq__(self, other: object) -> bool:
        """Return whether another sequence has the same cells."""
        return list(self) == list(other) if isinstance(other, Sequence) else NotImplemented

    __hash__ = None  # type: ignore[assignment]  # as lists have none

    @overload
    def __getitem__(self, place: int) -> Cell: ...

    @overload
    def __getitem__(self, place: slice) -> list[Cell]: ...

    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            return [self[each] for each in range(*place.indices(len(self)))]
        chunk, row = divmod(range(len(self))[place], self._chunk_rows)
        return (self._unpack(self._chunks[chunk]) if chunk < len(self._chunks) else self._waiting)[row]
