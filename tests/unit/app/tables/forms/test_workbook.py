"""Workbooks: cells as what they are; and files that would take too much memory are refused before they are read."""

import datetime as dt
import io
import zipfile
from typing import Any

import pytest
import xlsxwriter

from app.errors import MalformedBody
from app.tables.forms.packed.workbook import read_workbook
from tests.support.forms import as_xlsx, pack
from tests.support.memory import peak_memory, reset_peak_memory

LIMIT = 10_000_000


def read(body: bytes) -> dict[str, Any]:
    return dict(read_workbook(body, None, LIMIT).columns)


def written(cells: list[tuple[Any, str]]) -> bytes:
    """Return a workbook with one column of cells, each with its number format."""
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as workbook:
        page = workbook.add_worksheet()
        page.write(0, 0, "x")
        for row, (cell, look) in enumerate(cells, 1):
            page.write(row, 0, cell, workbook.add_format({"num_format": look}))
    return data.getvalue()


@pytest.mark.parametrize(
    ("cell", "look", "text"),
    [
        (1.5, "General", "1.5"),
        (3, "0.00", "3"),
        (0.15, "0%", "0.15"),
        (1050, '#,##0 "EUR"', "1050"),
        (1e300, "General", "1e+300"),
        (1 / 3, "0.0", "0.3333333333333333"),
        ('text, "quoted"\nline', "General", 'text, "quoted"\nline'),
        ("007", "@", "007"),
        (True, "General", "TRUE"),
        (dt.date(2024, 1, 31), "yyyy-mm-dd", "2024-01-31"),
        (dt.datetime(2024, 1, 31, 13, 5), "d.m.yy hh:mm", "2024-01-31T13:05:00"),
        (dt.time(13, 5), "hh:mm", "13:05:00"),
        (1.25, "[h]:mm:ss", "1.25"),
    ],
)
def test_a_cell_is_what_it_is_however_it_looks(cell: Any, look: str, text: str) -> None:
    assert read(written([(cell, look)])) == {"x": [text]}


def test_errors_are_empty_cells_and_empty_rows_none() -> None:
    data = io.BytesIO()
    with xlsxwriter.Workbook(data, {"in_memory": True}) as workbook:
        page = workbook.add_worksheet()
        page.write_row(2, 1, ["x", "y"])
        page.write_row(4, 1, [1, 2])
        page.write(5, 1, 3)
        page.write_formula(5, 2, "=NA()", None, "#N/A")

    assert read(data.getvalue()) == {"x": ["1", "3"], "y": ["2", ""]}


def parts_of(body: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(body)) as file:
        return {name: file.read(name) for name in file.namelist()}


SHEET = "xl/worksheets/sheet1.xml"
PLAIN = as_xlsx([{"x": 1, "y": 2}])


def with_sheet(rows: bytes, **options: Any) -> bytes:
    """Return a workbook whose sheet has these rows."""
    sheet = b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%b</sheetData></worksheet>'
    return pack({**parts_of(PLAIN), SHEET: sheet % rows}, **options)


def lied(body: bytes) -> bytes:
    """Return a zip file whose directory says that each part of more than a MB unpacks to 1,000 bytes."""
    changed = bytearray(body)
    with zipfile.ZipFile(io.BytesIO(body)) as file:
        sizes = [part.file_size for part in file.infolist() if part.file_size > 1_000_000]
    for size in sizes:
        found = changed.find(size.to_bytes(4, "little"))
        while found >= 0:
            changed[found : found + 4] = (1000).to_bytes(4, "little")
            found = changed.find(size.to_bytes(4, "little"))
    return bytes(changed)


CELL = b'<row r="%d"><c r="%b%d"><v>1</v></c></row>'
MANY = b"<row><c><v>1</v></c></row>" * 3_000_000
BOMBS: dict[str, tuple[bytes, str]] = {
    "much that is packed well": (
        with_sheet(MANY, compression=zipfile.ZIP_DEFLATED),
        "unpacks to more than the 10000000",
    ),
    "a size that is a lie": (lied(with_sheet(MANY, compression=zipfile.ZIP_DEFLATED)), "cannot be read"),
    "two cells far apart": (
        with_sheet(CELL % (1, b"A", 1) + CELL % (1048576, b"XFD", 1048576)),
        "1048576 rows and 16384",
    ),
    "a far row": (with_sheet(b'<row r="1"><c r="XFD1"/></row><row r="900000"><c><v>1</v></c></row>'), "900000 rows"),
    "cells that do not say where": (
        with_sheet(b"<row>%b</row>" % (b"<c><v>1</v></c>" * 2000) + b"<row><c><v>1</v></c></row>" * 2000),
        "rows and 2000 columns",
    ),
    "another way to pack": (with_sheet(b"", compression=zipfile.ZIP_BZIP2), "is no .xlsx workbook"),
    "a document type": (
        pack({**parts_of(PLAIN), SHEET: b'<!DOCTYPE x [<!ENTITY a "aa">]><worksheet>&a;</worksheet>'}),
        "document type",
    ),
    "no zip file": (b"hello", "is no .xlsx workbook: save it as .xlsx, or send a CSV"),
    "another zip file": (pack({"content.xml": b"<x/>"}), "is no .xlsx workbook"),
    "cut off": (PLAIN[:-100], "cannot be read"),
    "no XML": (pack({**parts_of(PLAIN), SHEET: b"<worksheet"}), "cannot be read"),
}


@pytest.mark.parametrize(("body", "words"), BOMBS.values(), ids=BOMBS)
def test_what_would_take_too_much_memory_or_is_no_workbook_is_refused(body: bytes, words: str) -> None:
    before = reset_peak_memory()

    with pytest.raises(MalformedBody, match=words):
        read(body)

    assert peak_memory() - before < 60


def test_sheets_that_do_not_say_where_their_cells_are_are_read() -> None:
    strings = b'<row><c t="inlineStr"><is><t>x</t></is></c></row><row><c><v>4</v></c></row>'

    assert read(with_sheet(strings)) == {"x": ["4"]}
