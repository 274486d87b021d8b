"""Tables of text: every way in which a spreadsheet may write the same table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import InvalidBody, MalformedBody
from app.tables import parse_csv
from app.tables.csv_text import CHUNK_ROWS, is_bare_text, write_bare_csv_pieces, write_csv

PLAIN = b"a,b\n1,2\n3,4\n"


@pytest.mark.parametrize(
    "text",
    [
        PLAIN,
        b"\xef\xbb\xbf" + PLAIN,
        PLAIN.replace(b"\n", b"\r\n"),
        PLAIN.replace(b",", b";"),
        PLAIN.replace(b",", b"\t"),
        PLAIN.replace(b",", b", "),
        b'"a","b"\n"1","2"\n"3","4"\n',
        b"a,b\n\n1,2\n3,4\n\n",
        PLAIN.rstrip(),
        PLAIN.replace(b",", b"|"),
        b"sep=;\r\n" + PLAIN.replace(b",", b";"),
        b"SEP=,\n" + PLAIN,
        b"a,b,\n1,2,\n3,4,\n",
        b",a,,b,,\n,1,,2,,\n,3,,4,,\n",
        b"a,b\n1,2\n,\n3,4\n,\n,\n",
        PLAIN.decode().encode("utf-16"),
        b"\xfe\xff" + PLAIN.replace(b",", b"\t").decode().encode("utf-16-be"),
    ],
)
def test_a_table_is_the_same_however_it_is_written(text: bytes) -> None:
    assert parse_csv(text).columns == {"a": ["1", "3"], "b": ["2", "4"]}


def test_quotes_hold_delimiters_quotes_and_line_breaks() -> None:
    assert parse_csv(b'"x, ""y""","b"\n"1\n2",3\n').columns == {'x, "y"': ["1\n2"], "b": ["3"]}


def test_a_delimiter_in_quotes_is_none() -> None:
    assert parse_csv(b'"a,b,c,d";e\n1;2\n').names == ["a,b,c,d", "e"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"a,b\n\xff,1\n", "byte 5"),
        (b'a,b\n"1,2\n', "line 2"),
        (b"PK\x03\x04 and so on", "spreadsheet file"),
        (b"\xd0\xcf\x11\xe0 and so on", "old spreadsheet file"),
        (b"\x1f\x8b and so on", "compressed"),
        (b"<!DOCTYPE html><p>no</p>", "HTML"),
        (b"\n<table><tr><td>1", "HTML"),
        (b"\xff\xfea", "UTF-16"),
        (b"a,b" + b"1,2" * 100, "single line: with curl send it by --data-binary"),
    ],
)
def test_what_is_no_table_is_malformed(text: bytes, words: str) -> None:
    with pytest.raises(MalformedBody, match=words):
        parse_csv(text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (b"a,b\n", "no rows"),
        (b"a,a\n1,2\n", "two columns of the table are called 'a'"),
        (b"a,\n1,2\n", "column 2 of the table has no name; the first line was taken for the header: 'a,'"),
        (b",a\n0,5\n1,6\n", r"counts the rows: .* to_csv\(index=False\)"),
        (b"Prices,,\n,,\na,b,c\n1,2,3\n", "the first line was taken for the header: 'Prices,,'; remove any lines"),
        (b"Prices\na,b\n1,2\n", "row 1 has 2 cells, .* taken for the header: 'Prices'"),
        (b"a,b\n1,2\n3\n", "row 2 has 1 cells, but the header names 2"),
        (b"a,b\n1,2,3\n", "row 1 has 3 cells"),
    ],
)
def test_what_does_not_fit_is_named(text: bytes, words: str) -> None:
    with pytest.raises(InvalidBody, match=words):
        parse_csv(text)


def test_rows_are_counted_over_chunks() -> None:
    text = "a,b\n" + "1,2\n" * (2 * CHUNK_ROWS) + "3\n"

    with pytest.raises(InvalidBody, match=f"row {2 * CHUNK_ROWS + 1} has 1 cells"):
        parse_csv(text.encode())


def test_columns_can_be_left_out_but_not_those_that_are_not_there() -> None:
    table = parse_csv(PLAIN)

    assert table.without(["a"]).names == ["b"]
    with pytest.raises(InvalidBody, match="'c'"):
        table.without(["c"])


def test_numbers_are_written_with_all_their_digits() -> None:
    written = write_csv(["x, y", "z"], [[0.1 + 0.2, None], [1e-300, "a,b"]])

    assert written == '"x, y",z\n0.30000000000000004,\n1e-300,"a,b"\n'
    assert [float(cell) for cell in parse_csv(written.encode()).columns["x, y"]] == [0.1 + 0.2, 1e-300]


@given(st.lists(st.tuples(st.text("a1. ", max_size=3), st.text("-5e,", max_size=3).filter(is_bare_text)), max_size=5))
def test_cells_that_need_no_quotes_are_written_as_all_are(rows: list[tuple[str, str]]) -> None:
    assert "".join(write_bare_csv_pieces(["x, y", "z"], rows)) == write_csv(["x, y", "z"], rows)


@pytest.mark.parametrize("rows", [CHUNK_ROWS - 1, CHUNK_ROWS, CHUNK_ROWS + 1])
def test_many_cells_that_need_no_quotes_are_all_written(rows: int) -> None:
    table = [(str(row), "a") for row in range(rows)]

    assert "".join(write_bare_csv_pieces(["x", "y"], table)) == write_csv(["x", "y"], table)


@pytest.mark.parametrize(
    ("text", "is_bare"), [("x,y\n1,2\n", True), ("x;y\n1;2,5\n", False), ('x,y\n1,"2"\n', False), ('"x",y\n1,2\n', True), ('x,y\r"1",2\r3,4\n', False)]
)  # fmt: skip
def test_a_table_knows_whether_its_cells_need_quotes(text: str, is_bare: bool) -> None:
    assert parse_csv(text.encode()).is_bare == is_bare


def test_cells_are_looked_through_whatever_ends_the_lines() -> None:
    """A lone carriage return does, too."""
    assert not parse_csv(b"a,c\r1_0,q\r").is_plain
    assert parse_csv(b"a,c\r10,q\r").is_plain


def test_a_header_of_millions_of_cells_is_refused_with_the_number() -> None:
    with pytest.raises(InvalidBody, match="the header has more than 1,048,577 cells, of at most 10,000"):
        parse_csv(b"x," * 3_000_000 + b"x\n1\n")
    names = ",".join(f"x{number}" for number in range(10_000))
    assert len(parse_csv(f"{names}\n{'1,' * 9999}1\n".encode()).names) == 10_000


def test_a_long_cell_in_a_row_of_another_width_is_refused_as_any_long_cell() -> None:
    with pytest.raises(MalformedBody, match="field larger than field limit"):
        parse_csv(b"a,b\n1,2,%b\n" % (b"x" * 200_000))
