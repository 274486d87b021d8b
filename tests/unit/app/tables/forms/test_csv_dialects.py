"""Any table, written by Python's csv writer in any dialect, is read as the same table; and with or without quotes alike."""

import csv
import io
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InvalidBody, MalformedBody
from app.tables.forms import csv_table
from app.tables.forms.csv_table import parse_csv

NAMES = st.lists(st.text(st.sampled_from("abc é,;|\"'"), min_size=1, max_size=4).map(str.strip), min_size=2, max_size=5)
# A line end in a cell has both characters: Python's writer leaves one alone without quotes where it ends no line itself.
CELLS = st.lists(st.sampled_from([*"ab01. -,;|\t\"'é\u2028\x1c", "\r\n"]), max_size=5).map("".join) | st.floats(
    allow_nan=False
).map(str)


@st.composite
def tables(draw: st.DrawFn) -> tuple[list[str], list[list[str]]]:
    # A first column of numbers, so that no row is empty, and names that differ.
    names = [f"{place}{name}" for place, name in enumerate(draw(NAMES))]
    rows = draw(st.lists(st.lists(CELLS, min_size=len(names) - 1, max_size=len(names) - 1), min_size=1, max_size=6))
    return names, [[str(number), *row] for number, row in enumerate(rows)]


DIALECTS = st.fixed_dictionaries(
    {
        "delimiter": st.sampled_from(",;\t|"),
        "quoting": st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
        "lineterminator": st.sampled_from(["\n", "\r\n", "\r"]),
    }
)
ENCODINGS = st.sampled_from(["utf-8", "utf-8-sig", "utf-16"])


def as_read(cell: str) -> str:
    """Return a cell without the blanks before it, which are no part of it in any dialect."""
    return cell.lstrip(" ")


@given(tables(), DIALECTS, ENCODINGS)
def test_a_table_is_read_as_it_was_written_in_any_dialect(
    table: tuple[list[str], list[list[str]]], dialect: dict[str, Any], encoding: str
) -> None:
    names, rows = table
    text = io.StringIO(newline="")
    csv.writer(text, **dialect).writerows([names, *rows])
    # Which character separates is said by a first line where the header leaves it open.
    body = f"sep={dialect['delimiter']}\n{text.getvalue()}".encode(encoding)

    read = parse_csv(body)

    assert read.names == [name.strip() for name in names]
    written = list(zip(*rows, strict=True))
    for cells, expected in zip(read.columns.values(), written, strict=True):
        assert list(map(as_read, cells)) == list(map(as_read, expected))


LINES = st.text(st.sampled_from("ab01. ,;\n\r\t|"), max_size=60)


def outcome(text: str) -> Any:
    try:
        return {name: list(cells) for name, cells in parse_csv(text.encode()).columns.items()}
    except (InvalidBody, MalformedBody) as error:
        return str(error)


@given(st.lists(LINES, min_size=1, max_size=4).map("".join), st.integers(1, 20))
def test_text_without_quotes_means_the_same_read_quickly_or_closely(text: str, piece: int) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_table, "PIECE_CHARACTERS", piece)
        quickly = outcome(text)
        patch.setattr(csv_table, "_read_unquoted", csv_table._read_quoted)
        closely = outcome(text)

    assert quickly == closely


def test_pieces_join_where_lines_end() -> None:
    body = b"a,b\n" + b"".join(b"%d,%d\n" % (row, -row) for row in range(50_000))

    read = parse_csv(body).columns

    assert list(map(int, read["a"])) == list(range(50_000))
    assert list(map(int, read["b"])) == [-row for row in range(50_000)]
