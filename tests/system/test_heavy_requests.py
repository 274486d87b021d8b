"""Requests that cost much keep nobody waiting, end with their clients, and are refused where they would cost too much."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from urllib.parse import urlsplit

import pytest

from tests.support.memory import peak_memory, reset_peak_memory
from tests.support.problems import problem
from tests.support.server import Server
from tests.support.tables import QUESTION, TABLE

JSON, CSV = {"Content-Type": "application/json"}, {"Content-Type": "text/csv"}

HEAVY = {"hidden_layers": [1400, 1400], "output_activation": "identity"}
ONE_EPOCH = {"name": "gradient_descent", "max_epochs": 1, "learning_rate": 1e-9}


@pytest.fixture(scope="module")
def heavy(server: Server) -> Iterator[str]:
    """The path of a model of 2 million parameters."""
    path = "/models/of-2-million-parameters"
    table = b"x,y\n1,2\n2,3\n3,5\n4,4\n"
    server.client.post(f"{path}/train?targets=y", content=table, headers=CSV).raise_for_status()
    rows = [{"x": 1, "y": 2}, {"x": 2, "y": 3}]
    body = {"rows": rows, "network": HEAVY, "trainer": ONE_EPOCH}
    server.client.post(f"{path}/train", json=body, timeout=120).raise_for_status()
    yield path
    server.client.delete(path).raise_for_status()


def rows(number: int, name: str = "x") -> bytes:
    """Return a body of so many rows of one cell."""
    return b'{"rows":[%b]}' % b",".join([b'{"%b":1}' % name.encode()] * number)


def send(server: Server, path: str, body: bytes) -> socket.socket:
    """Send a request without waiting for the answer."""
    address = urlsplit(str(server.client.base_url))
    connection = socket.create_connection((address.hostname or "", address.port or 0))
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    connection.sendall(head.encode() + body)
    return connection


def slowest(server: Server, seconds: float) -> float:
    """Return the longest that an ordinary request waits, of those that follow each other for so long."""
    longest, end = 0.0, time.monotonic() + seconds
    while time.monotonic() < end:
        for method, path, body in (("POST", "/predict", QUESTION), ("GET", "/models", None), ("GET", "/livez", None)):
            began = time.monotonic()
            assert server.client.request(method, path, json=body).status_code == 200
            longest = max(longest, time.monotonic() - began)
    return longest


@pytest.mark.slow
def test_45_heavy_predictions_keep_nobody_waiting_and_end_with_their_clients(server: Server, heavy: str) -> None:
    body = rows(8000)  # 64 KB; each takes more than a minute
    with ExitStack() as stack:
        for _ in range(45):
            stack.enter_context(send(server, f"{heavy}/predict", body))
        time.sleep(1)

        assert slowest(server, 3) < 1  # before: none of them answered for as long as the test would wait
        assert server.train(TABLE).status_code == 200

    time.sleep(1)
    before = _seconds_of(server)
    time.sleep(1)
    assert _seconds_of(server) - before < 0.3  # before: at work for minutes


@pytest.mark.slow
def test_a_short_body_of_a_dear_model_is_not_worked_on_by_the_event_loop(server: Server, heavy: str) -> None:
    answers: list[int] = []
    body = rows(300)  # 2 KB; takes some 3 seconds, before in front of all others
    asking = threading.Thread(
        target=lambda: answers.append(
            server.client.post(f"{heavy}/predict", content=body, headers=JSON, timeout=60).status_code
        )
    )
    asking.start()

    assert slowest(server, 0.5) < 0.3
    asking.join()
    assert answers == [200]


def test_a_prediction_that_takes_too_long_is_refused_with_the_number(server: Server, heavy: str) -> None:
    refused = problem(server.client.post(f"{heavy}/predict", content=rows(300_000), headers=JSON), 413)

    assert "operations with this model, of at most 1,000" in refused["detail"]
    assert "rows at a time" in refused["detail"]


def test_an_answer_of_many_categories_is_refused_before_it_is_made(server: Server) -> None:
    path = "/models/of-1000-categories"
    categories = [f"category-{number}" for number in range(1000)]
    target = {"name": "y", "kind": "category", "categories": categories}
    server.client.put(path, json={"features": [{"name": "x"}], "targets": [target]}).raise_for_status()
    table = [{"x": number, "y": category} for number, category in enumerate(categories)]
    trainer = {"name": "lbfgs", "max_epochs": 1, "members": 1}
    body = {"rows": table, "trainer": trainer, "network": {"hidden_layers": [1]}}
    server.client.post(f"{path}/train", json=body, timeout=120).raise_for_status()
    before = reset_peak_memory(server.process.pid)

    refused = problem(server.client.post(f"{path}/predict", content=rows(20_000), headers=JSON), 413)  # 0.15 MB

    assert "20,000,000 numbers, of at most 10,000,000: send at most 10,000 rows" in refused["detail"]
    assert peak_memory(server.process.pid) - before < 50  # MiB; before: 2.4 GB

    with server.client.stream("POST", f"{path}/predict", content=rows(9000), headers=JSON, timeout=120) as answer:
        assert sum(map(len, answer.iter_bytes())) > 200_000_000
    assert peak_memory(server.process.pid) - before < 250  # the numbers alone are 72 MB
    server.client.delete(path)


def _seconds_of(server: Server) -> float:
    """Return the processor time that the server's own process has used."""
    with open(f"/proc/{server.process.pid}/stat") as stat:  # noqa: PTH123 - see proc(5)
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100
