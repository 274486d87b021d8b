"""A server whose memory is nearly used up: what is large is refused, what is small is answered, and the process lives."""

import resource
import socket
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from tests.support.memory import data_memory
from tests.support.server import Server, running
from tests.support.tables import QUESTION, TABLE

CLIENTS = 45
ROOM_MIB = 70
"""Of room that the server has: less than one prediction of the model takes. With 60 to 110 MiB libraries ended the process."""

LARGE = {"hidden_layers": [1400, 1400], "output_activation": "identity"}
ONE_EPOCH = {"name": "gradient_descent", "max_epochs": 1, "learning_rate": 1e-9}


@pytest.mark.slow
def test_predictions_for_which_there_is_no_memory_are_refused_and_end_nothing(tmp_path: Path) -> None:
    with running(tmp_path) as server:
        server.train(TABLE).raise_for_status()
        server.client.put(
            "/models/large", json={"features": [{"name": "x"}], "targets": [{"name": "y"}]}
        ).raise_for_status()
        body = {"rows": [{"x": 1, "y": 2}, {"x": 2, "y": 3}], "network": LARGE, "trainer": ONE_EPOCH}
        server.client.post("/models/large/train", json=body).raise_for_status()
        server.client.get("/models/large/versions/1").raise_for_status()
        limit = int((data_memory(server.process.pid) + ROOM_MIB) * 1024 * 1024)
        resource.prlimit(server.process.pid, resource.RLIMIT_DATA, (limit, limit))
        for _ in range(3):
            ask_all_at_once(server)
        assert server.train(TABLE).status_code == 200


@pytest.mark.slow
def test_a_body_for_which_there_is_no_memory_is_refused_before_it_is_read_and_small_ones_are_not(
    tmp_path: Path,
) -> None:
    with running(tmp_path) as server:
        server.train(TABLE).raise_for_status()
        limit = int((data_memory(server.process.pid) + ROOM_MIB) * 1024 * 1024)
        resource.prlimit(server.process.pid, resource.RLIMIT_DATA, (limit, limit))
        told = begin_body(server, b"Content-Length: 40000000", [])
        untold = begin_body(server, b"Transfer-Encoding: chunked", [b"100000\r\n" + b" " * (1 << 20) + b"\r\n"] * 40)

        for answer in (told, untold):
            assert answer.startswith(b"HTTP/1.1 503 "), answer
            assert b"retry-after: 1" in answer.lower()
            assert b"not enough memory" in answer
        assert server.client.post("/predict", json=QUESTION).status_code == 200
        assert server.train(TABLE).status_code == 200


def begin_body(server: Server, header: bytes, pieces: list[bytes]) -> bytes:
    """Send a part of a body of 40 MB, until it is answered; returns the answer."""
    address = server.client.base_url.host, server.client.base_url.port or 80
    with socket.create_connection(address, 20) as line:
        line.sendall(
            b"POST /train HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + header + b"\r\n\r\n"
        )
        with suppress(OSError):  # refused, and the connection closed
            for piece in pieces:
                line.sendall(piece)
        answer = b""
        while b"}" not in answer and (more := line.recv(65536)):
            answer += more
        return answer


def ask_all_at_once(server: Server) -> None:
    """Have many clients ask for a large prediction, and look how it is with others meanwhile."""
    body = b'{"rows":[' + b'{"x":1},' * 8000 + b'{"x":1}]}'
    head = b"POST /models/large/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    address = server.client.base_url.host, server.client.base_url.port or 80
    with ExitStack() as stack:
        for _ in range(CLIENTS):
            stack.enter_context(socket.create_connection(address)).sendall(head % len(body) + body)
        for _ in range(10):
            assert server.client.post("/predict", json=QUESTION).status_code == 200
            refused = server.client.post("/models/large/predict", json={"rows": [{"x": 1}] * 30})
            assert (refused.status_code, refused.headers.get("Retry-After")) == (503, "1")
            assert "not enough memory" in refused.json()["detail"]
    assert server.process.poll() is None
