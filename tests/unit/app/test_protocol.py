"""HTTP itself: heads have an end, and what is no HTTP is answered in the shape of all errors."""

import socket
from contextlib import suppress

import pytest

from tests.support.server import Server

POST = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"

LONG = b"a" * 1024
PARTS_OF_A_HEAD = {
    "a header": b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Long: ",
    "a path": b"GET /",
    "a header's name": b"GET /livez HTTP/1.1\r\nHost: localhost\r\n",
    "a trailer": POST + b"Transfer-Encoding: chunked\r\n\r\n0\r\nX-Long: ",
    "an extension of a chunk": POST + b"Transfer-Encoding: chunked\r\n\r\n1;x=",
}


@pytest.mark.parametrize("before", PARTS_OF_A_HEAD.values(), ids=PARTS_OF_A_HEAD)
def test_a_head_that_does_not_end_is_refused(server: Server, before: bytes) -> None:
    where = server.client.base_url.host, server.client.base_url.port or 80
    with socket.create_connection(where, timeout=10) as line:
        line.sendall(before)
        with suppress(ConnectionError):  # the server may have closed it
            for _ in range(100_000):  # 100 MB; before, they took minutes
                line.sendall(LONG)
        with suppress(ConnectionError):  # it may have been closed before the answer was read
            answer = line.recv(65536)
            assert answer.startswith(b"HTTP/1.1 431 ")
            assert b"application/problem+json" in answer
    assert server.client.get("/livez").status_code == 200


def test_a_head_of_some_kilobytes_is_read(server: Server) -> None:
    assert server.client.get("/livez", headers={"X-Long": "a" * 60_000}).status_code == 200
    assert server.client.get("/livez", headers={"X-Long": "a" * 140_000}).status_code == 431
