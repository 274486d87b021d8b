"""A table of text, as a spreadsheet writes it: CSV to named columns of cells, and back."""

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from app.errors import BodyError, InvalidBody, MalformedBody

DELIMITERS = ",;\t"
CHUNK_ROWS = 1000
"""How many rows are read or written at a time; between two chunks other threads may run."""

_LINE_END = re.compile(r"\r\n|\r|\n")
_SPECIAL = re.compile(r'[",\r\n]')


@dataclass(frozen=True)
class TextTable:
    """Named columns of cells; all columns are of the same length."""

    columns: dict[str, list[str]]
    is_plain: bool = False
    """Whether it is known that below the header there are no characters but those that numbers are written with in
    every language, so that cells need not be looked through again."""
    is_bare: bool = False
    """Whether it is known that no cell needs quotes round it to be written."""

    @property
    def names(self) -> list[str]:
        """The names of the columns, from left to right."""
        return list(self.columns)

    def without(self, names: Collection[str]) -> "TextTable":
        """Return the table without some of its columns. Raises `InvalidBody` for one that it has not."""
        if unknown := [name for name in names if name not in self.columns]:
            raise InvalidBody([BodyError(f"the table has no column {name!r} to leave out", "") for name in unknown])
        kept = {name: cells for name, cells in self.columns.items() if name not in names}
        return TextTable(kept, self.is_plain, self.is_bare)

    def select(self, names: Collection[str]) -> "TextTable":
        """Return the table with these columns alone, in its own order. Raises `InvalidBody` for one that it has not."""
        if unknown := [name for name in names if name not in self.columns]:
            raise InvalidBody([BodyError(f"the table has no column {name!r}", "") for name in sorted(unknown)])
        return self.without([name for name in self.columns if name not in names])

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))


def parse_csv(body: bytes) -> TextTable:
    """Read UTF-8 text with a header row, its cells separated by commas, semicolons or tabs.

    Raises `MalformedBody` if it is not such a text, and `InvalidBody` if a row has another number of cells than the header.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MalformedBody(f"the table is not UTF-8 text: byte {error.start + 1} cannot be read") from None
    if not text.strip():
        raise MalformedBody("the table is empty")
    delimiter = _find_delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=True)
    try:
        names = [name.strip() for name in next(reader)]
        columns = _read_columns(names, reader)
    except csv.Error as error:
        raise MalformedBody(f"the table cannot be read at line {reader.line_num}: {error}") from None
    if not columns[0]:
        raise InvalidBody([BodyError("the table has a header, but no rows", "/rows")])
    below = _LINE_END.split(text, maxsplit=1)[-1]
    is_bare = '"' not in below and (delimiter == "," or "," not in below)
    return TextTable(dict(zip(names, columns, strict=True)), is_plain_text(below), is_bare)


def write_csv(names: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table as CSV; numbers keep all their digits, None is an empty cell."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    waiting = iter(rows)
    while chunk := list(islice(waiting, CHUNK_ROWS)):
        writer.writerows(chunk)
    return text.getvalue()


def write_bare_csv(names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return what `write_csv` does, in a fraction of the time, for cells of which none needs quotes."""
    lines = [write_csv(names, ())]
    waiting = map(",".join, rows)
    while chunk := list(islice(waiting, CHUNK_ROWS)):
        lines += "\n".join(chunk), "\n"
    return "".join(lines)


def is_bare_text(text: str) -> bool:
    """Whether a cell needs no quotes."""
    return not _SPECIAL.search(text)


def is_plain_text(text: str) -> bool:
    """Whether a text holds only ASCII and no underscore: Python's float() would also read 1_000, and digits of every script."""
    return text.isascii() and "_" not in text


def _read_columns(names: list[str], reader: Iterator[list[str]]) -> list[list[str]]:
    seen: set[str] = set()
    for number, name in enumerate(names, 1):
        if not name:
            raise InvalidBody([BodyError(f"column {number} of the table has no name", "")])
        if name in seen:
            raise InvalidBody([BodyError(f"two columns of the table are called {name!r}", "")])
        seen.add(name)
    columns: list[list[str]] = [[] for _ in names]
    read = 0
    while chunk := list(islice(reader, CHUNK_ROWS)):
        rows = chunk if all(chunk) else [row for row in chunk if row]  # a blank line is no row
        if set(map(len, rows)) - {len(names)}:
            _refuse_ragged(rows, read, len(names))
        for column, cells in zip(columns, zip(*rows, strict=True), strict=False):
            column.extend(cells)
        read += len(rows)
    return columns


def _refuse_ragged(rows: list[list[str]], read: int, width: int) -> None:
    number, row = next((number, row) for number, row in enumerate(rows, read + 1) if len(row) != width)
    detail = f"row {number} has {len(row)} cells, but the header names {width} columns"
    raise InvalidBody([BodyError(detail, f"/rows/{number - 1}")])


def _find_delimiter(text: str) -> str:
    """Return the delimiter that the header uses most, outside of quotes."""
    header = re.sub(r'"[^"]*"', "", text.lstrip().partition("\n")[0])
    return max(DELIMITERS, key=header.count)
