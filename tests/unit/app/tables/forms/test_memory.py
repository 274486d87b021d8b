"""No reader takes more than ten times its body in memory; a workbook counts as what it unpacks to."""

import io
import tracemalloc
import zipfile
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pytest

from app.frames import ARROW
from app.tables import CSV, JSON, NDJSON, XLSX, Body, read_table
from tests.support.forms import as_arrow, as_xlsx
from tests.support.memory import MEBIBYTE_KB, peak_memory, reset_peak_memory

ROWS = 60_000


def lines(head: str, row: Callable[[int], str]) -> bytes:
    return "".join([head, *(row(number) + "\n" for number in range(ROWS))]).encode()


def items(before: str, item: Callable[[int], str], after: str) -> bytes:
    return f"{before}{','.join(map(item, range(ROWS)))}{after}".encode()


NUMBERS = [row % 90 for row in range(ROWS)]
CATEGORY = pa.dictionary(pa.int8(), pa.string())


def frame(array: Any) -> bytes:
    return as_arrow(pa.table({"a": array}))


BODIES: dict[str, tuple[str, bytes]] = {
    "cells of one digit": (CSV, lines("a,b\n", lambda row: f"{row % 9},{row % 7}")),
    "cells of two digits": (CSV, lines("a,b\n", lambda row: f"{row % 90 + 10},{row % 80 + 10}")),
    "a single column": (CSV, lines("a\n", lambda row: f"{row % 9}")),
    "words": (CSV, lines("a,b\n", lambda row: f"{'red' if row % 2 else 'blu'},{row % 1000}")),
    "words in quotes": (CSV, lines("a,b\n", lambda row: f'"{"red" if row % 2 else "blu"}",{row % 1000}')),
    "decimals": (CSV, lines("a,b\n", lambda row: f"{row / 7:.6f},{row / 9:.6f}")),
    "characters outside of ASCII": (CSV, lines("ä,b\n", lambda row: f"ö{row % 9},😀{row % 7}")),
    "short rows": (JSON, items('{"rows":[', lambda row: f'{{"a":{row % 9}}}', "]}")),
    "rows": (JSON, items("[", lambda row: f'{{"hours":{row / 7:.3f},"slept":{row % 9}}}', "]")),
    "rows without cells": (JSON, items('[{"a":1},', lambda _: "{}", "]")),
    "a column of integers": (JSON, items('{"a":[', lambda row: f"{row % 9}", "]}")),
    "a column of decimals": (JSON, items('{"a":[', lambda row: f"{row % 9}.5", "]}")),
    "a column of both": (JSON, items('{"a":[', lambda row: f"{row % 9}" + ".5" * (row % 2), "]}")),
    "a column of words": (JSON, items('{"a":[', lambda row: f'"a{row % 9}"', "]}")),
    "a column of nothing": (JSON, items('{"a":[', lambda _: "null", "]}")),
    "a column of empty lists": (JSON, items('{"a":[1,', lambda _: "[]", "]}")),
    "lists of a cell": (JSON, items('{"columns":["a"],"data":[', lambda row: f"[{row % 9}]", "]}")),
    "lines of objects": (NDJSON, lines("", lambda row: f'{{"a":{row % 9}}}')),
    "short integers of Arrow": (ARROW, frame(pa.array(NUMBERS, pa.int8()))),
    "floats of Arrow": (ARROW, frame(pa.array(NUMBERS, pa.float64()))),
    "truth values of Arrow": (ARROW, frame(pa.array([number % 3 == 0 for number in NUMBERS]))),
    "texts of Arrow": (ARROW, frame(pa.array([str(number % 9) for number in NUMBERS]))),
    "texts of Arrow and gaps": (
        ARROW,
        frame(pa.array([str(number % 9) if number % 2 else None for number in NUMBERS])),
    ),
    "categories of Arrow": (
        ARROW,
        frame(pa.array([str(number) for number in NUMBERS]).dictionary_encode().cast(CATEGORY)),
    ),
    "many words of Arrow": (ARROW, frame(pa.array([f"{row:05}" for row in range(ROWS)]).dictionary_encode())),
    "days of Arrow": (ARROW, frame(pa.array(NUMBERS, pa.int32()).cast(pa.date32()))),
}


@pytest.mark.slow
@pytest.mark.parametrize(("media_type", "data"), BODIES.values(), ids=BODIES)
def test_no_reader_takes_more_than_ten_times_its_body(media_type: str, data: bytes) -> None:
    tracemalloc.start()
    try:
        table = read_table(Body(data, media_type)).table
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert ROWS <= len(table) <= ROWS + 1
    assert most < 10 * len(data)


@pytest.mark.slow
def test_nor_does_that_of_workbooks_of_what_they_unpack_to() -> None:
    body = as_xlsx([{f"x{column}": row * column for column in range(8)} for row in range(20_000)])
    with zipfile.ZipFile(io.BytesIO(body)) as file:
        unpacked = sum(part.file_size for part in file.infolist())
    read_table(Body(as_xlsx([{"x": 1}]), XLSX))  # loads what is loaded once
    before = reset_peak_memory()

    assert len(read_table(Body(body, XLSX)).table) == 20_000

    assert (peak_memory() - before) * MEBIBYTE_KB * 1024 < 10 * unpacked
