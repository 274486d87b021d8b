"""Newline-delimited JSON: one row, an object, on each line."""

from collections.abc import Iterator
from typing import Any

from app.errors import MalformedBody
from app.tables.byte_search import is_blank
from app.tables.forms.body import TableBody
from app.tables.forms.json_rows import RowColumns
from app.tables.json_scanner import JsonScanner
from app.tables.json_text import malformed_json


def read_ndjson(body: bytes) -> TableBody:
    """Return the table whose rows are a body's lines. Raises `MalformedBody`, `InvalidBody`."""
    scanner = JsonScanner(body)
    if is_blank(body):
        raise MalformedBody("the body is empty")
    try:
        with malformed_json():
            rows = RowColumns().add(_read_lines(scanner))
            scanner.finish()
    except MalformedBody as error:
        raise MalformedBody(f"line {scanner.window.line}: {error}") from None
    return TableBody(rows.to_table())


def _read_lines(scanner: JsonScanner) -> Iterator[list[Any]]:
    """Yield the lines' values, some at a time."""
    piece: list[Any] = []
    row = 0
    while scanner.peek():
        begin = scanner.window.position
        piece.append(scanner.read(("rows", row)))
        if "\n" in scanner.window.text_since(begin):
            raise scanner.window.error("One value on more than one line")
        row += 1
        if len(piece) == ROWS_PER_PIECE:
            yield piece
            piece = []
    yield piece


ROWS_PER_PIECE = 1000
"""How many rows are taken apart at a time; as many are in memory as they came."""
