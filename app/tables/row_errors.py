"""What is wrong with the rows of a table, cell by cell: as the pydantic model of a row says it, and what to do about it."""

from typing import Any

from app.errors import BodyError, InvalidBody, shorten
from app.tables.cells import cell_to_json, is_mark, name_plainly
from app.tables.columns import ABSENT, know_words, name_category
from app.tables.row_schemas import Columns, row_schema
from app.tables.table import Table
from app.tables.validation import MAX_ERRORS, Path, check, make_pointer
from model.table import Column

IS_MARK = "stands for a missing value"
"""How an error ends about a text that is a mark of missing cells."""

NOT_A_NUMBER = "should be a valid number"
"""What an error says of a text, or anything else, that is no number."""

NOT_A_DATE = "should be a date"
"""The same of a date; then comes what one looks like."""

MAX_SHOWN_CHARACTERS = 60
"""Of a cell that an error shows."""


def find_errors(table: Table, columns: Columns, ignored: frozenset[str], wrong: list[int]) -> list[BodyError]:
    """Return what the row's pydantic model finds wrong with these rows, as if they had come as JSON."""
    found: list[BodyError] = []
    for index in wrong:
        try:
            check(row_schema(columns), _row_to_json(table, columns, ignored, index), _find_place(table, index))
        except InvalidBody as error:
            found += [_explain(each, columns, table, index) for each in error.errors]
        if len(found) >= MAX_ERRORS:
            break
    return found[:MAX_ERRORS]


def _explain(error: BodyError, columns: Columns, table: Table, index: int) -> BodyError:
    """Return the error of a row with what to do about it, if it is about the cell of a column."""
    place = _find_place(table, index)
    for column in columns:
        if column.name in table.columns and error.pointer == make_pointer((*place, column.name)):
            return _explain_cell(error, column, table.columns[column.name][index])
    return error


def _explain_cell(error: BodyError, column: Column, cell: Any) -> BodyError:
    where = error.detail.partition(": ")[0]
    if column.is_category and cell is not None and cell is not ABSENT and name_category(cell):
        return BodyError(f"{where}: {know_words(column.categories).describe(cell)}", error.pointer)
    if column.may_be_missing and error.detail.endswith("should be a finite number"):
        return BodyError(f"{error.detail}; null stands for a missing value", error.pointer)
    if not isinstance(cell, str) or not (error.detail.endswith(NOT_A_NUMBER) or NOT_A_DATE in error.detail):
        return error
    if is_mark(cell, column):
        return BodyError(f"{where}: {cell.strip()!r} {IS_MARK}", error.pointer)
    shown = repr(shorten(cell.strip(), MAX_SHOWN_CHARACTERS))
    return BodyError(f"{error.detail}{_hint(column, cell)}, not {shown}", error.pointer)


def _hint(column: Column, cell: str) -> str:
    """Return how to write a number, if that is known."""
    if column.is_date:
        return ""
    if column.reading:
        return f", such as {column.reading}"
    plain = name_plainly(cell)
    return f"; write {plain}" if plain else ""


def _find_place(table: Table, index: int) -> Path:
    return () if table.is_single else ("rows", index)


def _row_to_json(table: Table, columns: Columns, ignored: frozenset[str], index: int) -> dict[str, Any]:
    """Return a row as a JSON object; it has what the row itself names, or else all columns that hold something."""
    by_name = {column.name: column for column in columns}
    names = [name for name in table.names if name in by_name or name not in ignored]
    if table.has_header:
        names = list(by_name)
    row = {name: table.columns[name][index] for name in names}
    row = {name: value for name, value in row.items() if value is not ABSENT}
    row = {name: _to_member(value, by_name.get(name), table) for name, value in row.items()}
    return {name: value for name, value in row.items() if value is not None} if table.has_header else row


def _to_member(value: Any, column: Column | None, table: Table) -> Any:
    """Return a cell as the member of a JSON object; None for a text that stands for a missing value."""
    if column is None or isinstance(value, list | dict):
        return value
    if not table.is_typed:
        value = cell_to_json(value, column)
    elif isinstance(value, str) and column.may_be_missing and value not in column.categories and is_mark(value, column):
        return None
    return name_category(value) if column.is_category and value is not None else value
