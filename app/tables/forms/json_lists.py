"""Lists in JSON, read some items at a time: of rows, of lists of cells, or of the cells of one column."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Any

from app.errors import BodyError, InvalidBody, shorten
from app.tables.columns import ValueColumn
from app.tables.forms.json_rows import AT_LEAST_ONE, RowColumns
from app.tables.names import clean_names
from app.tables.table import Table


class CellRows:
    """Rows that are lists of cells, as columns, as wide as the first."""

    def __init__(self, pieces: Iterable[list[Any]]) -> None:
        self.count = 0
        self._columns: list[ValueColumn] = []
        self._ragged: tuple[int, int] | None = None
        for piece in pieces:
            self._add([row if isinstance(row, list) else [row] for row in piece])

    def to_table(self, names: list[str]) -> Table:
        """Return the table under these names. Raises `InvalidBody` if a row has another number of cells."""
        ragged = self._ragged if len(self._columns) == len(names) else (0, len(self._columns))
        if ragged is not None:
            row, cells = ragged
            detail = f"row {row + 1} has {cells} cells, but `columns` names {len(names)}"
            raise InvalidBody([BodyError(detail, f"/data/{row}")])
        return Table(dict(zip(names, self._columns, strict=True)), is_typed=True, row_count=self.count)

    def _add(self, rows: list[list[Any]]) -> None:
        if not self.count:
            self._columns = [ValueColumn() for _ in rows[0]]
        width = len(self._columns)
        if self._ragged is None and set(map(len, rows)) != {width}:
            self._ragged = next((row, len(cells)) for row, cells in enumerate(rows, self.count) if len(cells) != width)
        if self._ragged is None:
            for column, cells in zip(self._columns, zip(*rows, strict=True), strict=False):
                column.extend(cells)
        self.count += len(rows)


JsonList = RowColumns | CellRows | ValueColumn


def collect_items(pieces: Iterator[list[Any]]) -> JsonList:
    """Return a list's items as what the first of them is: an object is a row, a list one of cells, anything else a cell."""
    first = next(pieces, [])
    everything = chain([first], pieces) if first else pieces
    if first and isinstance(first[0], dict):
        return RowColumns().add(everything)
    if first and isinstance(first[0], list):
        return CellRows(everything)
    column = ValueColumn()
    for piece in everything:
        column.extend(piece)
    return column


def tabulate_columns(columns: dict[str, ValueColumn]) -> Table:
    """Return the table of columns that are lists. Raises `InvalidBody` if they are not of one length."""
    columns = clean_names(columns)
    (first, cells), *others = columns.items()
    if not cells:
        raise InvalidBody([AT_LEAST_ONE])
    for name, column in others:
        if len(column) != len(cells):
            detail = f"column {shorten(name)!r} has {len(column)} cells, but {shorten(first)!r} has {len(cells)}"
            raise InvalidBody([BodyError(detail, "")])
    return Table(columns, is_typed=True)
