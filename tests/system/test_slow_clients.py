"""Clients that are slow, idle or never done: others are answered, and what they hold is bounded and given back."""

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from pathlib import Path

import httpx
import pytest

from tests.conftest import StartServer
from tests.support.dose import figures, times
from tests.support.memory import peak_memory, reset_peak_memory
from tests.support.server import Server
from tests.support.slow_clients import (
    HEAD,
    Act,
    connected,
    many_files,
    send_body_without_end,
    send_slowly,
    stay_idle,
)
from tests.support.tables import QUESTION, TABLE
from tests.support.waiting import until

pytestmark = pytest.mark.slow

RECEIVE_SECONDS = times(2, 10)
SLOW, IDLE, ENDLESS = times(200, 1000), times(400, 2000), times(50, 500)
ASKED = times(200, 5000)
KIB_A_CLIENT = 24
"""The most memory that the server may take for one connection."""
BODY = b'{"hours_studied": 4, "hours_slept": 8}'


@contextmanager
def line(server: Server) -> Iterator[socket.socket]:
    url = server.client.base_url
    with socket.create_connection((url.host, url.port or 0), timeout=20) as connection:
        yield connection


def read_all(connection: socket.socket) -> bytes:
    """Return all that comes until the server closes the connection."""
    return b"".join(iter(lambda: connection.recv(65536), b""))


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("impatient"), receive_seconds=1)
    server.train(TABLE).raise_for_status()
    yield server
    server.close()


@pytest.mark.parametrize(
    "sent",
    [
        b"G",
        HEAD,
        HEAD + b"Content-Length: 38\r\n\r\n" + BODY[:20],
        HEAD.replace(b"/predict", b"/train") + b"Content-Length: 10000\r\n\r\n" + BODY,
        HEAD + b"Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n",
        HEAD + b"Content-Length: 38\r\n\r\n" + BODY + HEAD,
    ],
)
def test_a_request_that_is_not_whole_in_time_is_answered_408(impatient: Server, sent: bytes) -> None:
    with line(impatient) as connection:
        connection.sendall(sent)
        head, _, body = read_all(connection).rpartition(b"\r\n\r\n")

    last = head[head.rindex(b"HTTP/1.1") :]
    assert last.startswith(b"HTTP/1.1 408 Request Timeout")
    assert b"connection: close" in last
    assert b"application/problem+json" in last
    assert b"SCORECAST_RECEIVE_SECONDS" in body
    assert BODY[:20] not in body


def test_line_breaks_before_a_request_do_not_hold_a_connection(impatient: Server) -> None:
    with line(impatient) as connection:
        for _ in range(4):
            connection.sendall(b"\r\n")
            time.sleep(0.1)
        assert b" 408 " in read_all(connection)


def test_a_body_that_comes_steadily_may_take_longer(impatient: Server) -> None:
    with line(impatient) as connection:
        connection.sendall(HEAD + b"Content-Length: 12038\r\n\r\n" + BODY)
        for _ in range(12):
            time.sleep(0.25)
            connection.sendall(b" " * 1000)
        assert connection.recv(100).startswith(b"HTTP/1.1 200 ")


def test_a_connection_without_a_request_may_wait_longer_for_its_first_and_for_the_next(impatient: Server) -> None:
    with line(impatient) as connection:
        for _ in range(2):
            time.sleep(1.5)
            connection.sendall(HEAD + b"Content-Length: 38\r\n\r\n" + BODY)
            answer = HTTPResponse(connection)
            answer.begin()
            assert answer.status == 200
            assert answer.read().startswith(b"{")


def test_a_training_that_takes_longer_than_a_request_may_take_to_come_is_answered(impatient: Server) -> None:
    with line(impatient) as connection:
        request = b"POST /train?max_epochs=10000000&trainer=gradient_descent HTTP/1.1\r\nHost: 127.0.0.1\r\nPrefer: wait=3\r\n"
        rows = b"hours_studied,hours_slept,score\n2,9,92\n1,5,86\n3,6,89\n"
        connection.sendall(request + b"Content-Type: text/csv\r\nContent-Length: %d\r\n\r\n" % len(rows) + rows)
        assert connection.recv(100).startswith(b"HTTP/1.1 202 ")
    for job in impatient.client.get("/jobs").json()["jobs"]:
        impatient.client.post(f"/jobs/{job['job_id']}/cancel")


def test_what_is_left_of_a_body_that_was_refused_is_not_read_for_ever(impatient: Server) -> None:
    with line(impatient) as connection:
        connection.sendall(HEAD.replace(b"application/json", b"image/png") + b"Transfer-Encoding: chunked\r\n\r\n")
        assert connection.recv(65536).startswith(b"HTTP/1.1 415 ")
        deadline, is_closed = time.monotonic() + 20, False
        while not is_closed and time.monotonic() < deadline:
            try:
                connection.sendall(b"3e8\r\n" + b" " * 1000 + b"\r\n")
            except OSError:
                is_closed = True
        assert is_closed


def test_slow_and_idle_clients_keep_no_one_waiting_and_what_they_took_is_given_back(start_server: StartServer) -> None:
    server = start_server(receive_seconds=RECEIVE_SECONDS)
    server.train(TABLE).raise_for_status()
    with many_files(2 * (SLOW + IDLE + ENDLESS)):
        asyncio.run(be_slow(server))


async def be_slow(server: Server) -> None:
    url, pid = server.client.base_url, server.process.pid
    all_clients = SLOW + IDLE + ENDLESS
    async with httpx.AsyncClient(base_url=url, trust_env=False, timeout=30) as client:
        assert await ask(client, 20) == {200}
        opened, before = count_files(pid), reset_peak_memory(pid)
        clients: dict[Act, int] = {send_slowly: SLOW, stay_idle: IDLE, send_body_without_end: ENDLESS}
        async with connected((url.host, url.port or 0), clients) as seen:
            assert await ask(client, ASKED) == {200}
            deadline = time.monotonic() + 60 + RECEIVE_SECONDS
            while seen["closed"] < SLOW + ENDLESS and time.monotonic() < deadline:
                assert await ask(client, 5) == {200}
            grown = peak_memory(pid) - before
            assert (seen["open"], seen["closed"]) == (IDLE, SLOW + ENDLESS)
        await asyncio.to_thread(until, lambda: count_files(pid) <= opened, "descriptors are as many as before")
        assert await ask(client, 20) == {200}
    figures.append(f"{all_clients} slow and idle clients: {grown:+.1f} MiB, {ASKED} predictions answered")
    assert grown < all_clients * KIB_A_CLIENT / 1024 + 4


async def ask(client: httpx.AsyncClient, count: int) -> set[int]:
    """Predict so often; return the statuses that were answered."""
    return {(await client.post("/predict", json=QUESTION)).status_code for _ in range(count)}


def count_files(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))
