"""A frame: named columns as plain buffers, in which both processes read and write them without pyarrow."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Kind = Literal["number", "truth", "text", "date", "category", "unsupported"]

Buffer = NDArray[Any]

NO_BUFFER: Buffer = np.zeros(0, dtype=np.uint8)

DTYPES = frozenset({*"bBhHiIlLqQefd", "?"})
"""What a buffer may be of: NumPy's letters for truth values and numbers."""


UNITS = frozenset({"D", "s", "ms", "us", "ns"})
"""Of dates, as NumPy calls them."""


@dataclass(frozen=True, eq=False)
class FrameColumn:
    """A column: its values, and where there is none.

    number: integers or floats of any width (rows,)
    truth: booleans (rows,)
    text: where each text begins in `text`, in bytes, and where the last one ends (rows + 1,)
    date: how many of a unit have passed since 1970 began (rows,); the unit is NumPy's, the first word of `about`
    category: which of the values of `words` each is (rows,)
    unsupported: nothing
    """

    name: str
    kind: Kind
    values: Buffer = field(default_factory=lambda: NO_BUFFER)
    valid: Buffer | None = None
    """Where there is a value (rows,); None: everywhere."""
    text: Buffer = field(default_factory=lambda: NO_BUFFER)
    """Of texts: all of them as UTF-8, one after the other."""
    words: "FrameColumn | None" = None
    about: str = ""
    """The type that Arrow has it as; of a date the unit before it."""

    @property
    def byte_count(self) -> int:
        """How many bytes its buffers take."""
        own = self.values.nbytes + self.text.nbytes + (0 if self.valid is None else self.valid.nbytes)
        return own + (self.words.byte_count if self.words else 0)


@dataclass(frozen=True, eq=False)
class Frame:
    """Columns of the same length."""

    columns: tuple[FrameColumn, ...]
    rows: int

    @property
    def byte_count(self) -> int:
        """How many bytes all buffers take."""
        return sum(column.byte_count for column in self.columns)


def describe(frame: Frame) -> tuple[dict[str, Any], list[Buffer]]:
    """Return what `restore` needs: a JSON object, and buffers."""
    buffers: list[Buffer] = []
    return {"rows": frame.rows, "columns": [_describe_column(each, buffers) for each in frame.columns]}, buffers


def restore(head: Mapping[str, Any], buffers: Sequence[Buffer]) -> Frame:
    """Return the frame that was described. Raises `ValueError` where it is none: who described it has read what anyone sent."""
    waiting = iter(buffers)
    rows = int(head["rows"])
    try:
        columns = [_restore_column(each, waiting, rows) for each in head["columns"]]
    except (KeyError, TypeError, StopIteration) as error:
        raise ValueError(repr(error)) from None
    return Frame(tuple(columns), rows)


def _describe_column(column: FrameColumn, buffers: list[Buffer]) -> dict[str, Any]:
    valid = NO_BUFFER if column.valid is None else column.valid
    buffers += [column.values, valid, column.text]
    words = None if column.words is None else _describe_column(column.words, buffers)
    return {
        "name": column.name,
        "kind": column.kind,
        "about": column.about,
        "dtype": column.values.dtype.char,
        "has_gaps": column.valid is not None,
        "words": words and {**words, "rows": _count_rows(column.words)},
    }


def _count_rows(column: FrameColumn | None) -> int:
    return 0 if column is None else len(column.values) - (1 if column.kind == "text" else 0)


def _restore_column(head: Mapping[str, Any], buffers: Any, rows: int) -> FrameColumn:
    values, valid, text = next(buffers), next(buffers), next(buffers)
    if head["dtype"] not in DTYPES:
        raise ValueError("dtype")
    words = None
    if head["kind"] == "category" and head["words"]["kind"] != "category":
        words = _restore_column(head["words"], buffers, int(head["words"]["rows"]))
    column = FrameColumn(
        str(head["name"]),
        head["kind"],
        values.view(head["dtype"]),
        valid.view(np.bool_) if head["has_gaps"] else None,
        text,
        words,
        str(head["about"]),
    )
    _check(column, rows)
    return column


def _check(column: FrameColumn, rows: int) -> None:
    """Raise `ValueError` for a column whose buffers do not fit each other."""
    has_rows = column.kind == "unsupported" or _count_rows(column) == rows
    are_valid = column.valid is None or len(column.valid) == rows
    if not has_rows or not are_valid:
        raise ValueError("rows")
    values = column.values
    if column.kind == "category":
        if column.words is None or not _are_within(values, _count_rows(column.words) - 1):
            raise ValueError("words")
    elif column.kind == "text":
        if not _are_within(values, len(column.text)) or (np.diff(values) < 0).any():
            raise ValueError("text")
    elif column.kind == "date" and column.about.partition(" ")[0] not in UNITS:
        raise ValueError("unit")


def _are_within(places: Buffer, most: int) -> bool:
    return not len(places) or (int(places.min()) >= 0 and int(places.max()) <= most)
