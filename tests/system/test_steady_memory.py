"""Memory under all kinds of requests: it does not grow with their number, and bodies over the limit are not held."""

import gzip
import socket
from collections.abc import Iterator

import pytest

from tests.support.dose import figures, times
from tests.support.hostile import MALFORMED, NO_OBJECTS
from tests.support.memory import peak_memory, reset_peak_memory, resident_memory
from tests.support.problems import problem
from tests.support.server import Server, running
from tests.support.tables import TABLE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

FIRST, LAST = times(2_000, 5_000), times(5_000, 20_000)
MAX_GROWTH_MIB = 1.0
"""From the request `FIRST` to the request `LAST`."""
OVER_BYTES = 100_000_000
MAX_HELD_MIB = 32
"""Of a body that is larger than the 8 MiB that are taken."""

JSON = {"Content-Type": "application/json"}
WRONG = [body for body in [*MALFORMED.values(), *NO_OBJECTS.values()] if len(body) < 10_000]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running(tmp_path_factory.mktemp("server")) as server:
        server.train(TABLE).raise_for_status()
        yield server


def requests() -> Iterator[tuple[str, str, dict[str, str], bytes]]:
    """Yield requests without end: of ten, five predictions, a table, two that are wrong, one of no path, one of no content."""
    row = b'{"hours_studied": %d, "hours_slept": 8}'
    number = 0
    while True:
        number += 1
        for _ in range(5):
            yield "POST", "/predict", JSON, row % (number % 10)
        yield "POST", "/predict?coverage=0.8", {"Content-Type": "text/csv"}, b"hours_studied,hours_slept\n4,8\n5,7\n"
        yield "POST", "/predict", JSON, WRONG[number % len(WRONG)]
        yield "POST", "/models/exam-score/train", JSON, WRONG[number % len(WRONG)]
        yield "GET", f"/models/m{number}", {}, b""
        yield "GET", f"/jobs?limit={number % 50 + 1}", {f"X-{number}": "any"}, b""


def test_memory_does_not_grow_with_the_number_of_requests(server: Server) -> None:
    pid, at_first = server.process.pid, 0.0
    for number, (method, path, headers, body) in enumerate(requests(), 1):
        answer = server.client.request(method, path, headers=headers, content=body)
        assert answer.status_code < 500, answer.text
        if number == FIRST:
            at_first = resident_memory(pid)
        if number == LAST:
            break
    growth = resident_memory(pid) - at_first
    figures.append(f"memory from request {FIRST:,} to {LAST:,}: {growth:+.2f} MiB")
    assert growth < MAX_GROWTH_MIB


def test_a_body_over_the_limit_is_not_held(server: Server) -> None:
    before = reset_peak_memory(server.process.pid)
    url = server.client.base_url
    head = b"POST /predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    with socket.create_connection((url.host, url.port or 80), timeout=60) as line:
        line.sendall(head)
        try:
            for _ in range(OVER_BYTES // 2**20):
                line.sendall(b"100000\r\n" + b" " * 2**20 + b"\r\n")
        except OSError:  # it has been closed
            pass
        else:
            assert line.recv(65536).startswith(b"HTTP/1.1 413 ")
    held = peak_memory(server.process.pid) - before
    figures.append(f"a body of 100 MB in chunks: {held:+.1f} MiB")
    assert held < MAX_HELD_MIB


@pytest.mark.parametrize("path", ["/predict", "/train"])
def test_a_bomb_is_not_held(server: Server, path: str) -> None:
    bomb = gzip.compress(b" " * 2 * OVER_BYTES, 1)
    reset_peak_memory(server.process.pid)
    before = resident_memory(server.process.pid)
    headers = {**JSON, "Content-Encoding": "gzip"}

    assert "decompressed" in problem(server.client.post(path, content=bomb, headers=headers), 413)["detail"]

    held = peak_memory(server.process.pid) - before
    figures.append(f"{path}: {len(bomb) / 1e6:.1f} MB that would be 200: {held:+.1f} MiB")
    assert held < MAX_HELD_MIB
