"""Many large bodies that arrive at once: what has come of them is bounded, further ones are refused, small ones pass."""

import socket
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from app.budget import MAX_HELD_BYTES
from tests.support.dose import figures
from tests.support.memory import peak_memory, reset_peak_memory
from tests.support.server import Server, running
from tests.support.tables import QUESTION, TABLE
from tests.support.waiting import until

CLIENTS = 20
DECLARED_BYTES, SENT_BYTES = 100_000_000, 10_000_000
"""How long each body is said to be, and how much of it comes: 200 MB together."""

MAX_MORE_MIB = 1.5 * MAX_HELD_BYTES / 2**20

HEAD = b"POST /train HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"


def send(stack: ExitStack, server: Server, count: int) -> socket.socket:
    """Begin a request, and send so much of its body as the server takes within a second."""
    address = server.client.base_url.host, server.client.base_url.port or 80
    line = stack.enter_context(socket.create_connection(address, 10))
    line.sendall(HEAD % DECLARED_BYTES)
    with suppress(OSError):  # refused, and the connection closed
        line.sendall(b"[" + b"1," * (count // 2))
    return line


@pytest.mark.slow
def test_bodies_that_arrive_take_no_more_than_the_budget(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        server.train(TABLE).raise_for_status()
        before = reset_peak_memory(server.process.pid)
        with ExitStack() as stack:
            first = send(stack, server, SENT_BYTES)
            until(lambda: is_refused(server), "the first body counts")
            others = [send(stack, server, SENT_BYTES) for _ in range(CLIENTS)]
            answers = [line.recv(4096) for line in others]

            assert {answer.split(b"\r\n")[0] for answer in answers} == {b"HTTP/1.1 503 Service Unavailable"}
            assert all(b"retry-after: 1" in answer.lower() for answer in answers)
            assert server.client.post("/predict", json=QUESTION).status_code == 200
            assert server.train(TABLE).status_code == 200
            more = peak_memory(server.process.pid) - before
            first.close()
        figures.append(f"{CLIENTS} bodies of 100 MB, of which 10 MB come: {more:+.0f} MiB")
        assert more < MAX_MORE_MIB
        until(lambda: not is_refused(server), "there is room again")


def is_refused(server: Server) -> bool:
    """Whether a body of 60 MB is refused, without its being sent."""
    address = server.client.base_url.host, server.client.base_url.port or 80
    with socket.create_connection(address, 10) as line:
        line.sendall(HEAD % 60_000_000)
        line.settimeout(0.5)
        try:
            return line.recv(100).startswith(b"HTTP/1.1 503")
        except TimeoutError:
            return False
