"""Rows of text cells under a header, as CSV and spreadsheets have them: to a table, its empty edges left out."""

from collections.abc import Iterable, Sequence

from app.errors import BodyError, InvalidBody
from app.tables.columns import TextColumn
from app.tables.csv_text import CHUNK_ROWS, iterate_chunks
from app.tables.names import clean_name, refuse_repeated

MAX_SHOWN_CHARACTERS = 100
"""Of a header that an error repeats."""

NO_ROWS = BodyError(
    "the table has a header, but no rows; if its file has more lines, send it by curl --data-binary, since -d drops them",
    "/rows",
)


class Grid:
    """The columns of a header, and of the rows below it as they are added.

    Rows without any cell, and columns with neither name nor cells, are no part of the table.
    """

    def __init__(self, header: Sequence[str]) -> None:
        """Raises `InvalidBody` for a name that occurs twice."""
        self._names = [clean_name(name) for name in header]
        _check_repeated(self._names)
        self._columns = [TextColumn(CHUNK_ROWS) for _ in header]

    @property
    def width(self) -> int:
        """How many cells a row has."""
        return len(self._names)

    def add_rows(self, rows: Iterable[Sequence[str]]) -> None:
        """Add rows, some at a time. Raises `InvalidBody` for one with another number of cells than the header."""
        for chunk in iterate_chunks(rows):
            filled = chunk if all(map(any, chunk)) else [row for row in chunk if any(row)]
            if set(map(len, filled)) - {self.width}:
                _refuse_ragged(filled, len(self._columns[0]), self._names)
            self.add_columns(list(zip(*filled, strict=True)))

    def add_columns(self, columns: Sequence[Sequence[str]]) -> None:
        """Add rows whose cells stand in columns, each as wide as the header, and none without a cell."""
        for column, cells in zip(self._columns, columns, strict=False):
            column.extend(cells)

    def to_columns(self) -> dict[str, TextColumn]:
        """Return the columns by name. Raises `InvalidBody` if there are no rows, or a column of cells has no name."""
        if not self._columns or not len(self._columns[0]):
            raise InvalidBody([NO_ROWS])
        for place, cells in enumerate(self._columns):
            if not self._names[place] and any(cells):
                raise InvalidBody([_describe_unnamed(place, cells, self._names)])
        return {name: cells for name, cells in zip(self._names, self._columns, strict=True) if name}


def _check_repeated(names: list[str]) -> None:
    seen: set[str] = set()
    for name in filter(None, names):
        if name in seen:
            raise InvalidBody([refuse_repeated(name)])
        seen.add(name)


def _refuse_ragged(rows: Sequence[Sequence[str]], read: int, names: list[str]) -> None:
    number, row = next((number, row) for number, row in enumerate(rows, read + 1) if len(row) != len(names))
    detail = f"row {number} has {len(row)} cells, but the header names {len(names)} columns"
    hint = f"; {_describe_header(names)}" if len(row) > len(names) else ""
    raise InvalidBody([BodyError(detail + hint, f"/rows/{number - 1}")])


def _describe_unnamed(place: int, cells: Sequence[str], names: list[str]) -> BodyError:
    detail = f"column {place + 1} of the table has no name; {_describe_header(names)}"
    if place == 0 and cells[1:2] in (["1"], ["2"]):
        detail = "column 1 of the table has no name and counts the rows: write the table without its index "
        detail += "(in pandas: to_csv(index=False)), or give the column a name and leave it out with ?ignore="
    return BodyError(detail, "")


def _describe_header(names: list[str]) -> str:
    shown = ",".join(names)[:MAX_SHOWN_CHARACTERS]
    return f"the first line was taken for the header: {shown!r}; remove any lines that stand above it"
