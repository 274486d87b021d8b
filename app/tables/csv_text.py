"""A table of text, as a spreadsheet writes it: CSV to named columns of cells, and back."""

import csv
import io
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from app.errors import BodyError, InvalidBody, MalformedBody
from app.tables.decoding import decode_table

DELIMITERS = ",;\t|"
CHUNK_ROWS = 1000
"""How many rows are read or written at a time; between two chunks other threads may run."""

_LINE_END = re.compile(r"\r\n|\r|\n")
_SEPARATOR_LINE = re.compile(r"\s*sep=(.)[^\S\r\n]*(?:\r\n|\r|\n)", re.IGNORECASE)
MAX_SHOWN_CHARACTERS = 100
"""Of a header that an error repeats."""
MIN_LOST_CHARACTERS = 200
"""Of a single line that is hardly a header."""

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
    """Read text with a header row, its cells separated by commas, semicolons, tabs or |.

    A first line such as `sep=;` names the separator. Rows without any cell, and columns with neither name nor cells, are
    no part of the table. Raises `MalformedBody` if it is not such a text, and `InvalidBody` if a row has another number
    of cells than the header.
    """
    text = decode_table(body)
    delimiter, text = _split_separator_line(text)
    if not _LINE_END.search(text.strip()):
        raise _refuse_single_line(text)
    delimiter = delimiter or _find_delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True, skipinitialspace=True)
    try:
        names = [name.strip() for name in next(reader)]
        columns = _read_columns(names, reader)
    except csv.Error as error:
        raise MalformedBody(f"the table cannot be read at line {reader.line_num}: {error}") from None
    if not columns[0]:
        raise InvalidBody([BodyError("the table has a header, but no rows", "/rows")])
    names, columns = _leave_out_unnamed(names, columns)
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
    for name in filter(None, names):
        if name in seen:
            raise InvalidBody([BodyError(f"two columns of the table are called {name!r}", "")])
        seen.add(name)
    columns: list[list[str]] = [[] for _ in names]
    read = 0
    while chunk := list(islice(reader, CHUNK_ROWS)):
        rows = chunk if all(map(any, chunk)) else [row for row in chunk if any(row)]  # a line without cells is no row
        if set(map(len, rows)) - {len(names)}:
            _refuse_ragged(rows, read, names)
        for column, cells in zip(columns, zip(*rows, strict=True), strict=False):
            column.extend(cells)
        read += len(rows)
    return columns


def _refuse_ragged(rows: list[list[str]], read: int, names: list[str]) -> None:
    number, row = next((number, row) for number, row in enumerate(rows, read + 1) if len(row) != len(names))
    detail = f"row {number} has {len(row)} cells, but the header names {len(names)} columns"
    hint = f"; {_describe_header(names)}" if len(row) > len(names) else ""
    raise InvalidBody([BodyError(detail + hint, f"/rows/{number - 1}")])


def _leave_out_unnamed(names: list[str], columns: list[list[str]]) -> tuple[list[str], list[list[str]]]:
    """Leave out columns with neither a name nor a cell. Raises `InvalidBody` for one that has cells but no name."""
    named = [place for place, name in enumerate(names) if name]
    for place, cells in enumerate(columns):
        if names[place] or not any(cells):
            continue
        detail = f"column {place + 1} of the table has no name; {_describe_header(names)}"
        if place == 0 and cells[1:2] in (["1"], ["2"]):
            detail = "column 1 of the table has no name and counts the rows: write the table without its index "
            detail += "(in pandas: to_csv(index=False)), or give the column a name and leave it out with ?ignore="
        raise InvalidBody([BodyError(detail, "")])
    return [names[place] for place in named], [columns[place] for place in named]


def _describe_header(names: list[str]) -> str:
    shown = ",".join(names)[:MAX_SHOWN_CHARACTERS]
    return f"the first line was taken for the header: {shown!r}; remove any lines that stand above it"


def _split_separator_line(text: str) -> tuple[str, str]:
    """Return the separator that a first line such as `sep=;` names, if there is one, and the text below it."""
    found = _SEPARATOR_LINE.match(text)
    return (found[1], text[found.end() :]) if found else ("", text)


def _refuse_single_line(text: str) -> Exception:
    """Return the error for a table without line ends: a header alone, or one whose line ends were lost on the way."""
    if len(text) < MIN_LOST_CHARACTERS:
        return InvalidBody([BodyError("the table has a header, but no rows", "/rows")])
    return MalformedBody("the table is a single line: with curl send it by --data-binary, since -d drops line ends")


def _find_delimiter(text: str) -> str:
    """Return the delimiter that the header uses most, outside of quotes."""
    header = re.sub(r'"[^"]*"', "", text.lstrip().partition("\n")[0])
    return max(DELIMITERS, key=header.count)
