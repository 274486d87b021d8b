"""The columns of a frame, as cells: numbers and truth values, texts, dates, and categories; kept as they came."""

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any, overload

import numpy as np

from app.budget import MAX_CATEGORIES
from app.errors import shorten
from app.frames import Frame, FrameColumn
from model.arrays import BoolArray, FloatArray

CELLS_PER_PIECE = 1000
"""How many cells are made at a time; between two pieces other threads may run."""


class FrameCells(Sequence[Any]):
    """Cells that are made from a frame's column as they are asked for."""

    def __init__(self, column: FrameColumn, rows: int) -> None:
        self.packed = column
        """The column as it came."""
        self._rows = rows

    @abstractmethod
    def _make(self, piece: slice) -> list[Any]:
        """Return some of the cells, whatever stands where there is none."""

    def _fill(self, piece: slice) -> list[Any]:
        cells, valid = self._make(piece), self.packed.valid
        if valid is None:
            return cells
        return [cell if is_valid else None for cell, is_valid in zip(cells, valid[piece].tolist(), strict=True)]

    def __iter__(self) -> Iterator[Any]:
        for start in range(0, self._rows, CELLS_PER_PIECE):
            yield from self._fill(slice(start, min(start + CELLS_PER_PIECE, self._rows)))

    def __len__(self) -> int:
        return self._rows

    @overload
    def __getitem__(self, place: int) -> Any: ...

    @overload
    def __getitem__(self, place: slice) -> list[Any]: ...

    def __getitem__(self, place: int | slice) -> Any:
        if isinstance(place, slice):
            start, stop, step = place.indices(self._rows)
            return self._fill(slice(start, stop)) if step == 1 else [self[each] for each in range(start, stop, step)]
        row = range(self._rows)[place]
        return self._fill(slice(row, row + 1))[0]


class NumberColumn(FrameCells):
    """Numbers of any width; None where there is none."""

    def to_floats(self) -> FloatArray:
        """Return the numbers (rows,) as floats; NaN where there is none."""
        floats = self.packed.values.astype(np.float64)
        if self.packed.valid is not None:
            floats[~self.packed.valid] = np.nan
        return floats

    def find_gaps(self) -> BoolArray:
        """Return where there is no number (rows,)."""
        valid = self.packed.valid
        return np.zeros(self._rows, dtype=np.bool_) if valid is None else ~valid

    def _make(self, piece: slice) -> list[Any]:
        found: list[Any] = self.packed.values[piece].tolist()
        return found


class _TruthColumn(FrameCells):
    """Truth values, which are no numbers."""

    def _make(self, piece: slice) -> list[Any]:
        found: list[Any] = self.packed.values[piece].tolist()
        return found


class _TextColumn(FrameCells):
    """Texts."""

    def _make(self, piece: slice) -> list[Any]:
        ends = self.packed.values[piece.start : piece.stop + 1].tolist()
        joined = self.packed.text[ends[0] : ends[-1]].tobytes()
        places = pairwise(ends)
        if joined.isascii():
            text = joined.decode()
            return [text[start - ends[0] : end - ends[0]] for start, end in places]
        return [joined[start - ends[0] : end - ends[0]].decode(errors="replace") for start, end in places]


class _DateColumn(FrameCells):
    """Dates as ISO 8601 has them, in UTC."""

    def _make(self, piece: slice) -> list[Any]:
        unit = self.packed.about.partition(" ")[0]
        found: list[Any] = np.datetime_as_string(self.packed.values[piece].view(f"datetime64[{unit}]")).tolist()
        return found


class CategoryColumn(FrameCells):
    """Words, or other values, of which each stands in many cells. More than a model may have stay packed."""

    def __init__(self, column: FrameColumn, rows: int) -> None:
        super().__init__(column, rows)
        words = column.words
        assert words is not None  # noqa: S101 - as a frame's columns of categories have
        cells = make_cells(words, len(words.values) - (1 if words.kind == "text" else 0))
        self._words: Sequence[Any] = cells if len(cells) > MAX_CATEGORIES else list(cells)

    def _make(self, piece: slice) -> list[Any]:
        return [self._words[code] for code in self.packed.values[piece].tolist()]


class UnsupportedColumn(FrameCells):
    """Cells that no column of a table can hold, such as lists. They are none of its values, as JSON's are."""

    def describe(self, name: str) -> str:
        """Return what is wrong with the column, which has this name here."""
        return f"column {shorten(name)!r} is of type {shorten(self.packed.about)}: send numbers, texts, truth values or dates"

    def _make(self, piece: slice) -> list[Any]:
        return [_NOTHING] * (piece.stop - piece.start)


_NOTHING: list[Any] = []

_COLUMNS: Mapping[str, Callable[[FrameColumn, int], FrameCells]] = {
    "number": NumberColumn,
    "truth": _TruthColumn,
    "text": _TextColumn,
    "date": _DateColumn,
    "category": CategoryColumn,
}


def make_cells(column: FrameColumn, rows: int) -> FrameCells:
    """Return a frame's column of so many rows as cells."""
    return _COLUMNS.get(column.kind, UnsupportedColumn)(column, rows)


def make_columns(frame: Frame) -> list[tuple[str, FrameCells]]:
    """Return the columns of a frame as cells, with their names."""
    return [(column.name, make_cells(column, frame.rows)) for column in frame.columns]
