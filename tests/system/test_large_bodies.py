"""Bodies as large as they may be that hold one large thing: nobody waits while it is read, and it is refused for what it is."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.dose import figures
from tests.support.server import Server, running
from tests.support.tables import TABLE
from tests.support.watching import watching_from_outside

MAX_WAIT = 0.2
"""Seconds that another request waits, at most: it was 0.3 to 18. On a machine with nothing else to do it is a quarter of that."""

ROUNDS = 3
"""One must be good: a body that holds up others does so in each, a machine that stands still for a moment in one."""

JSON, CSV, FORM = "application/json", "text/csv", "multipart/form-data; boundary=X"
FILE = b'--X\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\nContent-Type: text/csv\r\n\r\n'

PARTS: dict[str, tuple[str, bytes, bytes, bytes, str]] = {
    "a text": (JSON, b'{"rows":[{"x":"', b"a", b'"}]}', "a single value of more than 131,072 characters"),
    "an escaped text": (JSON, b'{"rows":[{"x":"', b"\\n", b'"}]}', "a single value of more than 131,072 characters"),
    "a number": (JSON, b'{"x":[1.', b"7", b"]}", "a single value of more than 131,072 characters"),
    "a list in a row": (JSON, b'{"rows":[{"x":[', b"[1],", b"1]}]}", "a single value of more than 131,072 characters"),
    "a list in an option": (JSON, b'{"x":{"y":[', b"[1],", b"1]}}", "a single value of more than 131,072 characters"),
    "keys of a row": (JSON, b'{"rows":[{', b'"a":1,', b'"b":1}]}', "an object of more than 10000 keys"),
    "keys of the body": (JSON, b"{", b'"a":1,', b'"b":1}', "an object of more than 10000 keys"),
    "an error at the end": (JSON, b"[", b"\n", b"x", "Expecting value: line 126999001 column 1 (char 126999001)"),
    "a line": (CSV, b"", b"1,", b"", "the table is a single line"),
    "a header": (CSV, b"", b"x,", b"y\n1\n", "the header has more than 1,048,577 cells"),
    "a row of cells": (CSV, b"a,b\n", b"1,", b"1\n", "a line of the table has more than 2,097,152 characters"),
    "a cell": (CSV, b"a,b\n1,", b"x", b"\n", "a line of the table has more than 2,097,152 characters"),
    "a cell in quotes": (CSV, b'a,b\n1,"', b"x", b'"\n', "a line of the table has more than 2,097,152 characters"),
    "a line in a form": (FORM, FILE, b"1,", b"\r\n--X--\r\n", "the table is a single line"),
}
"""A body's type, how it begins, what is repeated in it, how it ends, and what is wrong with it."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("large")) as server:
        server.train(TABLE).raise_for_status()
        yield server


@pytest.mark.slow
@pytest.mark.parametrize("name", PARTS)
def test_a_large_part_of_a_body_keeps_nobody_waiting(server: Server, name: str) -> None:
    content_type, begin, part, end, wrong = PARTS[name]
    body, longest = begin + part * (126_999_000 // len(part)) + end, 60.0
    headers = {"Content-Type": content_type}
    for _ in range(ROUNDS):
        if longest >= MAX_WAIT:
            with watching_from_outside(server) as waits:
                answer = server.client.post("/train", content=body, headers=headers)
            longest = waits.longest
            figures.append(f"{name} of 127 MB: another request waited {1000 * longest:.0f} ms, of {len(waits.seconds)}")
            assert 400 <= answer.status_code < 500
            assert wrong in answer.json()["detail"]
    assert longest < MAX_WAIT


@pytest.mark.slow
def test_no_worker_is_taken_for_dead_while_it_reads_a_large_body(tmp_path: Path) -> None:
    """The process that watches them kills one that does not answer for 5 seconds, and all that is in it."""
    with running(tmp_path, workers=3) as server:
        server.train(TABLE).raise_for_status()
        before = set(server.processes())
        body = b'{"rows":[' + b"[]," * 42_333_000 + b"[]]}"
        with server.new_connections() as client:
            answer = client.post("/train", content=body, headers={"Content-Type": JSON}, timeout=100)
        assert answer.status_code == 422
        assert before <= set(server.processes())
        assert "died" not in server.log
