"""A first table is read, declared and checked in at most ten times its bytes, whatever its columns hold."""

import datetime as dt
import tracemalloc
from collections.abc import Callable

import pytest

from app.tables import CSV, JSON, Body, describe_table, read_table, table_to_matrix
from app.train.declaring import TableQuery, infer_declaration

ROWS = 60_000
LETTERS = str.maketrans("01", "ol")
FIRST = dt.datetime(2000, 1, 1)


def lines(head: str, row: Callable[[int], str]) -> tuple[str, bytes]:
    return CSV, "".join([f"{head}\n", *(row(number) + "\n" for number in range(ROWS))]).encode()


def rows(row: Callable[[int], str]) -> tuple[str, bytes]:
    return JSON, f"[{','.join(map(row, range(ROWS)))}]".encode()


def moment(row: int) -> dt.datetime:
    return FIRST + dt.timedelta(minutes=7 * row)


BODIES = {
    "numbers": lines("a,b", lambda row: f"{row % 90},{row % 7}"),
    "decimals": lines("a,b", lambda row: f"{row / 7:.6f},{row % 9}"),
    "numbers with gaps": lines("a,b", lambda row: f"{'NA' if row % 7 == 0 else row},{row % 9}"),
    "percent": lines("a,b", lambda row: f"{row / 7:.3f}%,{row % 9}"),
    "amounts": lines("a;b", lambda row: f"${row:,};{row % 9}"),
    "numbers but for one": lines("a,b", lambda row: f"{'soon' if row == 77 else row},{row % 9}"),
    "words": lines("a,b", lambda row: f"w{row % 900},{row % 9}"),
    "ids": lines("a,c,b", lambda row: f"x{row:07},{row % 5},{row % 9}"),
    "ids of letters": lines("a,c,b", lambda row: f"{bin(row).translate(LETTERS)},{row % 5},{row % 9}"),
    "moments": lines("a,b", lambda row: f"{moment(row).isoformat()},{row % 9}"),
    "days": lines("a,b", lambda row: f"{moment(row).strftime('%d.%m.%Y')},{row % 9}"),
    "moments of a day": lines("a,b", lambda row: f"{moment(row).strftime('%m/%d/%Y %I:%M %p')},{row % 9}"),
    "JSON numbers": rows(lambda row: f'{{"a":{row},"b":{row % 9}}}'),
    "JSON moments": rows(lambda row: f'{{"a":"{moment(row).isoformat()}","b":{row % 9}}}'),
    "JSON words": rows(lambda row: f'{{"a":"w{row % 900}","b":{row % 9}}}'),
}  # fmt: skip


def read_and_declare(media_type: str, data: bytes) -> None:
    table = read_table(Body(data, media_type)).table
    signature = infer_declaration(table, TableQuery(targets="b", missing="mean")).signature
    if b"soon" not in data:
        matrix = table_to_matrix(table, signature.columns, frozenset(signature.left_out))
        describe_table(table, signature.columns, matrix)


@pytest.mark.slow
@pytest.mark.parametrize(("media_type", "data"), BODIES.values(), ids=BODIES)
def test_a_first_table_takes_at_most_ten_times_its_bytes(media_type: str, data: bytes) -> None:
    read_and_declare(media_type, data)  # so that what is loaded at its first use is not counted
    tracemalloc.start()
    try:
        read_and_declare(media_type, data)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert most < 10 * len(data)
