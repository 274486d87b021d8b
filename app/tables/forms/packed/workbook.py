"""A sheet of an .xlsx workbook: to a table of text, each cell as the sheet saved as CSV would have it."""

import datetime as dt
import io
from collections.abc import Callable, Mapping
from typing import Any

from python_calamine import CalamineSheet, CalamineWorkbook

from app.errors import BodyError, InvalidBody, MalformedBody, shorten
from app.tables.forms.grid import Grid
from app.tables.forms.packed.unpacking import SAVE_AGAIN, unpack_workbook
from app.tables.table import Table

MAX_SHOWN_SHEETS = 10
_SECONDS_PER_DAY = 86_400
_EXACT = 2.0**53


def read_workbook(body: bytes, sheet: str | None, max_bytes: int) -> Table:
    """Return a workbook's sheet of this name, or its first. Raises `MalformedBody`, `InvalidBody`.

    Before the cells are read, it is refused if it unpacks to more than `max_bytes`.
    """
    found = _open_sheet(unpack_workbook(body, max_bytes), sheet)
    rows = ([_FORMATS[type(cell)](cell) for cell in row] for row in found.iter_rows())
    header = next(filter(any, rows), None)
    if header is None:
        raise MalformedBody(f"sheet {shorten(found.name)!r} is empty")
    grid = Grid(header)
    grid.add_rows(rows)
    return Table(grid.to_columns())


def _open_sheet(data: bytes, name: str | None) -> CalamineSheet:
    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = workbook.sheet_names
        if name is None and names:
            return workbook.get_sheet_by_index(0)
        if name in names:
            return workbook.get_sheet_by_name(name)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException as error:  # of the library's errors, a panic is no `Exception`
        raise MalformedBody(f"the workbook cannot be read ({shorten(str(error))}): {SAVE_AGAIN}") from None
    shown = ", ".join(map(repr, map(shorten, names[:MAX_SHOWN_SHEETS])))
    raise InvalidBody([BodyError(f"the workbook has no sheet {shorten(str(name))!r}; it has {shown}", "")])


def _format_number(number: float) -> str:
    return str(int(number)) if number == number // 1 and abs(number) < _EXACT else repr(number)


def _format_moment(moment: dt.datetime) -> str:
    return (moment.date() if moment.time() == dt.time() else moment).isoformat()


_FORMATS: Mapping[type, Callable[[Any], str]] = {
    str: str,
    int: str,
    float: _format_number,
    bool: lambda value: str(value).upper(),
    dt.datetime: _format_moment,
    dt.date: dt.date.isoformat,
    dt.time: dt.time.isoformat,
    dt.timedelta: lambda span: _format_number(span.total_seconds() / _SECONDS_PER_DAY),
}
"""What is written for a cell of each type; a percentage is the number that it is, an error an empty cell, a span is in days."""
