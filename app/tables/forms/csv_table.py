"""CSV, as spreadsheets write it in all countries: to a table."""

import csv
import io
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING

from app.budget import MAX_COLUMNS
from app.errors import BodyError, BodyTooLarge, InvalidBody, MalformedBody
from app.tables.byte_search import has_byte, is_ascii
from app.tables.forms.decoding import UTF_8, open_table, refuse_bytes
from app.tables.forms.grid import NO_ROWS, Grid
from app.tables.table import Table

if TYPE_CHECKING:
    from _csv import Reader

DELIMITERS = ",;\t|"

PIECE_CHARACTERS = 16 * 1024
"""How much text is read at a time; between two pieces other threads may run."""

MAX_LINE_PIECES = 128
MAX_LINE_CHARACTERS = MAX_LINE_PIECES * PIECE_CHARACTERS
"""Of one line: a header of as many columns as there may be, with as long names, has 2 million."""

LINE_ENDS = ("\n", "\r")

MAX_HEADER_CHARACTERS = 10_000
"""Of a single line that may be a header."""

_FIRST_LINE = re.compile(rb"[^\r\n]*")
_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")
_SEPARATOR_LINE = re.compile(r"\s*sep=(.)\s*", re.IGNORECASE)


def parse_csv(body: bytes, charset: str | None = None) -> Table:
    """Read text with a header row, its cells separated by commas, semicolons, tabs or |.

    A first line such as `sep=;` names the separator. Raises `MalformedBody` if it is not such a text, and `InvalidBody`
    where rows and header do not fit.
    """
    has_quotes = has_byte(body, b'"')
    file = open_table(body, charset, newline="" if has_quotes else None)  # line ends in quotes are part of a cell
    try:
        header, delimiter = _read_header(file, body)
        grid = (_read_quoted if has_quotes else _read_unquoted)(header, file, delimiter)
    except UnicodeDecodeError:
        raise refuse_bytes(body, file.encoding) from None
    except csv.Error as error:
        raise MalformedBody(f"the table cannot be read: {error}") from None
    is_plain = file.encoding == UTF_8 and is_ascii(body) and not has_byte(body, b"_")
    has_quoted_cells = has_quotes and has_byte(body, b'"', _count_first_line(body))
    is_bare = not has_quoted_cells and (delimiter == "," or not has_byte(body, b","))
    return Table(grid.to_columns(), is_plain=is_plain, is_bare=is_bare)


def _count_first_line(body: bytes) -> int:
    """Return how many bytes come before the first line end."""
    found = _FIRST_LINE.match(body)
    return found.end() if found else 0


def _read_header(file: io.TextIOWrapper, body: bytes) -> tuple[str, str]:
    """Return the first line that has cells, and the separator. Raises an error if it is the only line."""
    line = _skip_blank(file)
    named = _SEPARATOR_LINE.fullmatch(line)
    if named:
        line = _skip_blank(file)
    delimiter = named[1] if named else _find_delimiter(line)
    while not line.strip(f" \t\r\n{delimiter}") and line:
        line = _skip_blank(file)
    is_cut = len(line) == MAX_LINE_CHARACTERS and (has_byte(body, b"\n") or has_byte(body, b"\r"))
    if not line.endswith(LINE_ENDS) and not is_cut:  # that of the last line
        raise _refuse_single_line(line, delimiter)
    if (cells := line.count(delimiter) + 1) > MAX_COLUMNS:
        more_than = "more than " if is_cut else ""
        raise InvalidBody([BodyError(f"the header has {more_than}{cells:,} cells, of at most {MAX_COLUMNS:,}", "")])
    if is_cut:
        raise _refuse_long_line()
    return line, delimiter


def _skip_blank(file: io.TextIOWrapper) -> str:
    """Return the next line that is not blank; nothing at the end."""
    while (line := _read_line(file)) and not line.strip():
        pass
    return line


def _read_line(file: io.TextIOWrapper) -> str:
    """Return the next line, or so much of it as a line may have; nothing at the end."""
    line = file.readline(PIECE_CHARACTERS)
    if len(line) < PIECE_CHARACTERS:
        return line
    pieces = [line]
    while len(pieces) < MAX_LINE_PIECES and pieces[-1] and not pieces[-1].endswith(LINE_ENDS):
        pieces.append(file.readline(PIECE_CHARACTERS))
    return "".join(pieces)


def _iterate_lines(file: io.TextIOWrapper) -> Iterator[str]:
    """Yield the lines that come next. Raises `BodyTooLarge` for one that is too long."""
    while line := _read_line(file):
        if len(line) == MAX_LINE_CHARACTERS:
            raise _refuse_long_line()
        yield line


def _read_quoted(header: str, file: io.TextIOWrapper, delimiter: str) -> Grid:
    """Return the grid of a text in which cells may stand in quotes, and so hold separators and line ends."""
    reader = _read_rows(chain([header], _iterate_lines(file)), delimiter)
    try:
        grid = Grid(next(reader))
        grid.add_rows(reader)
    except csv.Error as error:
        raise MalformedBody(f"the table cannot be read at line {reader.line_num}: {error}") from None
    return grid


def _read_unquoted(header: str, file: io.TextIOWrapper, delimiter: str) -> Grid:
    """Return the same in a third of the time, for a text without quotes: each line is a row."""
    grid = Grid(next(_read_rows([header], delimiter)))
    while piece := file.read(PIECE_CHARACTERS):
        rest = _read_line(file)
        if len(rest) == MAX_LINE_CHARACTERS:
            raise _refuse_long_line()
        lines = (piece + rest).split("\n")
        columns = _split_cells(lines, delimiter, grid.width)
        if columns is None:  # to be looked at closely: a row is of another width, or there are blanks
            grid.add_rows(_read_rows(lines, delimiter))
        else:
            grid.add_columns(columns)
    return grid


def _read_rows(lines: Iterable[str], delimiter: str) -> "Reader":
    return csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=True)


def _split_cells(lines: list[str], delimiter: str, width: int) -> list[list[str]] | None:
    """Return the columns of lines that all have this many cells without blanks; None if they have not."""
    rowless = delimiter * (width - 1)
    filled = [line for line in lines if line and line != rowless]
    if {line.count(delimiter) for line in filled} - {width - 1}:
        return None
    text = delimiter.join(filled)
    if " " in text:
        return None
    cells = text.split(delimiter) if filled else []
    return [cells[place::width] for place in range(width)]


def _refuse_long_line() -> BodyTooLarge:
    return BodyTooLarge(
        f"a line of the table has more than {MAX_LINE_CHARACTERS:,} characters: send shorter cells, or look for a line "
        "end or a quotation mark that is missing"
    )


def _refuse_single_line(text: str, delimiter: str) -> Exception:
    """Return the error for a table without line ends: a header alone, or one whose line ends were lost on the way.

    A header has no numbers, and no name twice.
    """
    cells = [cell.strip() for cell in text[:MAX_HEADER_CHARACTERS].split(delimiter)]
    is_header = len(text) <= MAX_HEADER_CHARACTERS and not any(map(_NUMBER.fullmatch, cells))
    if is_header and len(set(cells)) == len(cells):
        return InvalidBody([NO_ROWS])
    return MalformedBody("the table is a single line: with curl send it by --data-binary, since -d drops line ends")


def _find_delimiter(text: str) -> str:
    """Return the delimiter that the header uses most, outside of quotes."""
    header = re.sub(r'"[^"]*"', "", text[:PIECE_CHARACTERS].lstrip().partition("\n")[0])
    return max(DELIMITERS, key=header.count)
