"""Rows as JSON objects, each of which names its own columns: collected as columns, some rows at a time."""

from collections.abc import Iterable, Sequence
from itertools import chain, islice
from typing import Any

from app.budget import MAX_ABSENT_CELLS
from app.errors import BodyError, InvalidBody
from app.tables.columns import ABSENT, ValueColumn
from app.tables.names import clean_name, clean_names
from app.tables.table import Table
from app.tables.validation import MAX_ERRORS

AT_LEAST_ONE = BodyError("'rows': should have at least 1 item, not 0", "/rows")


class RowColumns:
    """The columns of rows, as these are added."""

    def __init__(self) -> None:
        self._columns: dict[str, ValueColumn] = {}
        self.count = self._given = 0
        self._wrong: list[int] = []

    def add(self, pieces: Iterable[list[Any]]) -> "RowColumns":
        """Add rows, some at a time. Raises `InvalidBody` where they leave out too many cells."""
        for piece in pieces:
            if set(map(type, piece)) <= _OBJECTS:
                self._add(piece)
            else:
                wrong = (number for number, row in enumerate(piece, self.count) if not isinstance(row, dict))
                self._wrong += islice(wrong, MAX_ERRORS - len(self._wrong))
                self._add([row if isinstance(row, dict) else {} for row in piece])
        return self

    def to_table(self) -> Table:
        """Return the table. Raises `InvalidBody` if there are no rows, or one was no object."""
        if not self.count:
            raise InvalidBody([AT_LEAST_ONE])
        if self._wrong:
            raise InvalidBody([refuse_row(row) for row in self._wrong])
        return Table(self._columns, is_typed=True, has_header=False, row_count=self.count)

    def _add(self, rows: Sequence[dict[str, Any]]) -> None:
        names = dict.fromkeys(chain.from_iterable(rows))
        if any(name != clean_name(name) for name in names):
            rows = [clean_names(row) for row in rows]
            names = dict.fromkeys(chain.from_iterable(rows))
        self._given += sum(map(len, rows))
        check_absent(len(self._columns | names) * (self.count + len(rows)) - self._given)
        for name in names:
            if name not in self._columns:
                self._columns[name] = ValueColumn(absent=self.count)
        for name, column in self._columns.items():
            column.extend([row.get(name, ABSENT) for row in rows])
        self.count += len(rows)


_OBJECTS = {dict}


def refuse_row(row: int) -> BodyError:
    """Return the error for a row that is no object."""
    return BodyError(f"row {row + 1}: should be an object", f"/rows/{row}")


def check_absent(cells: int) -> None:
    """Raise `InvalidBody` where rows leave out more cells than memory should hold: `{}` is as wide a row as any."""
    if cells > MAX_ABSENT_CELLS:
        detail = f"the rows leave out more than {MAX_ABSENT_CELLS:,} cells: send fewer rows at a time"
        raise InvalidBody([BodyError(detail, "/rows")])
