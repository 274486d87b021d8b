"""Tables as JSON: rows as objects, columns as lists, or a list of names beside lists of cells.

{"rows": [{"a": 1, "b": 2}, ...]}       rows, with options beside them
[{"a": 1, "b": 2}, ...]                 rows alone
{"a": [1, ...], "b": [2, ...]}          columns; also under "rows", with options beside them
{"a": {"0": 1, ...}, "b": {...}}        columns, each row with a name of its own
{"columns": ["a", "b"], "data": [[1, 2], ...]}
{"a": 1, "b": 2}                        a single row
"""

from collections.abc import Mapping
from itertools import islice
from typing import Any

from app.errors import BodyError, InvalidBody, shorten
from app.tables.columns import ValueColumn
from app.tables.forms.body import TableBody
from app.tables.forms.json_lists import CellRows, collect_items, tabulate_columns
from app.tables.forms.json_rows import AT_LEAST_ONE, RowColumns, refuse_row
from app.tables.json_scanner import JsonScanner
from app.tables.json_text import malformed_json
from app.tables.names import clean_name, clean_names
from app.tables.table import Table
from app.tables.validation import MAX_ERRORS, Path

_OBJECTS_OF_LISTS: set[Path] = {(), ("rows",)}
"""Where an object may hold long lists, which are read some items at a time."""

_LISTS = (RowColumns, CellRows, ValueColumn)


def read_json_table(body: bytes) -> TableBody:
    """Return the table that a JSON text is, in any of the layouts above. Raises `MalformedBody`, `InvalidBody`."""
    scanner = JsonScanner(body)
    with malformed_json():
        value = _read(scanner, ())
        scanner.finish()
    if isinstance(value, _LISTS):
        return TableBody(_tabulate_list(value))
    if not isinstance(value, dict):
        raise InvalidBody([BodyError("the body: should be an object", "")])
    return _find_table(value)


def _read(scanner: JsonScanner, path: Path) -> Any:
    """Return the next value; a long list as what `collect_items` makes of it."""
    start = scanner.peek()
    if start == "[":
        return collect_items(scanner.pieces(path))
    if start == "{" and path in _OBJECTS_OF_LISTS:
        return {key: _read(scanner, (*path, key)) for key in scanner.keys(path)}
    return scanner.read(path)


def _find_table(value: dict[str, Any]) -> TableBody:
    if "rows" in value:
        return TableBody(_tabulate_rows(value["rows"]), _options(value, {"rows"}))
    names, data = value.get("columns"), value.get("data")
    if isinstance(names, ValueColumn) and (isinstance(data, CellRows) or data == []):
        # pandas writes the names of rows, too, which are no column
        return TableBody(_tabulate_cells(names, data), _options(value, {"columns", "data", "index"}))
    if (columns := _find_columns(value)) is not None:
        return TableBody(tabulate_columns(columns))
    cells = {name: [_to_plain(cell)] for name, cell in clean_names(value).items()}
    return TableBody(Table(cells, is_typed=True, has_header=False, is_single=True, row_count=1))


def _tabulate_rows(rows: Any) -> Table:
    if isinstance(rows, _LISTS):
        return _tabulate_list(rows)
    if isinstance(rows, dict) and (columns := _find_columns(rows)) is not None:
        return tabulate_columns(columns)
    raise InvalidBody([BodyError("'rows': should be a valid list", "/rows")])


def _tabulate_list(rows: RowColumns | CellRows | ValueColumn) -> Table:
    """Return the table that a list of rows is. Raises `InvalidBody` if its items are no objects."""
    if isinstance(rows, RowColumns):
        return rows.to_table()
    count = rows.count if isinstance(rows, CellRows) else len(rows)
    raise InvalidBody(list(map(refuse_row, range(min(count, MAX_ERRORS)))) or [AT_LEAST_ONE])


def _find_columns(value: Mapping[str, Any]) -> dict[str, ValueColumn] | None:
    """Return the columns that an object is, if it is one of columns."""
    if value and all(isinstance(cells, _LISTS) for cells in value.values()):
        return {name: _to_column(cells) for name, cells in value.items()}
    columns = list(value.values())
    if columns and all(isinstance(cells, dict) and cells and cells.keys() == columns[0].keys() for cells in columns):
        return {name: _to_column(collect_items(iter([[*cells.values()]]))) for name, cells in value.items()}
    return None


def _to_column(cells: RowColumns | CellRows | ValueColumn) -> ValueColumn:
    """Return a list as a column; one of objects or lists is a column of nothing that a column may hold."""
    if isinstance(cells, ValueColumn):
        return cells
    column = ValueColumn()
    column.extend([[]] * cells.count)
    return column


def _tabulate_cells(names: ValueColumn, data: Any) -> Table:
    """Return the table of rows that are lists, under names that are texts, or numbers as pandas may have them."""
    texts = [clean_name(str(name)) for name in names]
    for place, name in enumerate(names):
        if type(name) not in {str, int}:
            raise InvalidBody([BodyError(f"column {place + 1}: the name should be a text", f"/columns/{place}")])
    for place, text in enumerate(texts):
        if text in texts[:place]:
            detail = f"two columns of the table are called {shorten(text)!r}"
            raise InvalidBody([BodyError(detail, f"/columns/{place}")])
    if not isinstance(data, CellRows) or not names:
        raise InvalidBody([AT_LEAST_ONE])
    return data.to_table(texts)


def _options(value: Mapping[str, Any], but: set[str]) -> dict[str, Any]:
    return {name: _to_plain(member) for name, member in value.items() if name not in but}


def _to_plain(value: Any) -> Any:
    """Return what is neither a table nor a column as JSON has it; of a long list the beginning, since none is an option."""
    if isinstance(value, ValueColumn):
        return list(islice(value, MAX_ERRORS))
    return [] if isinstance(value, _LISTS) else value
