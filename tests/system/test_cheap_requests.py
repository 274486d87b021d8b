"""All requests that once stopped the service or took the machine's memory, one after the other, to a server of 512 MB."""

import json
import resource
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress

import pytest

from tests.support.dose import figures
from tests.support.memory import peak_memory, reset_peak_memory
from tests.support.server import Server, running
from tests.support.tables import TABLE
from tests.support.waiting import until
from tests.support.watching import watching_from_outside

MEBIBYTE = 1024 * 1024

LIMIT = 512 * MEBIBYTE
"""Of what the server may hold, as the kernel counts its data (RLIMIT_DATA); all that is mapped is three times as much."""

MAX_WAIT = 0.2
"""Seconds that another request waits, at most; on a machine with nothing else to do it is a quarter of that."""

ROUNDS = 3
"""One must be good: a request that holds up others does so in each, a machine that stands still for a moment in one."""

MAX_MORE_MIB = 160
"""Of memory that a request takes, if that is more than four times its body."""

JSON, CSV = {"Content-Type": "application/json"}, {"Content-Type": "text/csv"}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of 512 MB, with models of many columns, of many categories, and of many parameters."""
    with running(tmp_path_factory.mktemp("small")) as server:
        assert server.train(TABLE).status_code == 200
        put = server.client.put
        put("/models/wide", json={"features": [{"name": f"x{n}"} for n in range(1000)], "targets": [{"name": "y"}]})
        categories = [f"category-{number}" for number in range(1000)]
        target = {"name": "y", "kind": "category", "categories": categories}
        put("/models/kinds", json={"features": [{"name": "x"}], "targets": [target]}).raise_for_status()
        train(
            server, "kinds", [{"x": n, "y": name} for n, name in enumerate(categories)], {"hidden_layers": [1]}, "lbfgs"
        )
        many = [{"name": f"y{number}"} for number in range(100)]
        put("/models/many", json={"features": [{"name": "x"}], "targets": many}).raise_for_status()
        rows = [{"x": x, **{each["name"]: x for each in many}} for x in (1, 2, 3)]
        train(server, "many", rows, {"hidden_layers": [1], "output_activation": "identity"})
        put("/models/dear", json={"features": [{"name": "x"}], "targets": [{"name": "y"}]}).raise_for_status()
        train(
            server,
            "dear",
            [{"x": 1, "y": 2}, {"x": 2, "y": 3}],
            {"hidden_layers": [1400, 1400], "output_activation": "identity"},
        )
        put("/models/fifty", json=declared(50)).raise_for_status()
        resource.prlimit(server.process.pid, resource.RLIMIT_DATA, (LIMIT, LIMIT))
        yield server


def train(server: Server, name: str, rows: object, network: object, trainer: str = "gradient_descent") -> None:
    """Train a model for one epoch."""
    one_epoch = {"name": trainer, "max_epochs": 1} | (
        {"learning_rate": 1e-9} if trainer == "gradient_descent" else {"members": 1}
    )
    body = {"rows": rows, "network": network, "trainer": one_epoch}
    server.client.post(f"/models/{name}/train", json=body, timeout=120).raise_for_status()


def many(piece: bytes, megabytes: float, last: bytes) -> Callable[[], bytes]:
    """Return what makes a JSON body of so many megabytes."""
    return lambda: b'{"rows":[' + piece * int(megabytes * 1e6 / len(piece)) + last + b"]}"


def declared(columns: int) -> dict[str, object]:
    """Return a declaration of so many columns of 1,000 categories each."""
    kinds = [f"c{number}" for number in range(1000)]
    features = [{"name": f"x{number}", "kind": "category", "categories": kinds} for number in range(columns)]
    return {"features": features, "targets": [{"name": "y"}]}


REQUESTS: dict[str, tuple[str, str, dict[str, str], Callable[[], bytes]]] = {
    "rows without cells, 8 MB": ("POST", "/predict", JSON, many(b"{},", 8, b"{}")),
    "rows without cells of 1,000 columns": ("POST", "/models/wide/train", JSON, many(b"{},", 0.06, b"{}")),
    "a column's name of 10,000 letters": (
        "POST",
        "/models/long/train?targets=y",
        CSV,
        lambda: b"n" * 10_000 + b",y\n1,2\n2,3\n3,5\n",
    ),
    "1,000 categories, 20,000 rows": ("POST", "/models/kinds/predict", JSON, many(b'{"x":1},', 0.16, b'{"x":1}')),
    "1,000 categories, 9,000 rows": ("POST", "/models/kinds/predict", JSON, many(b'{"x":1},', 0.072, b'{"x":1}')),
    "100 targets, a million rows": ("POST", "/models/many/predict", JSON, many(b'{"x":1},', 8, b'{"x":1}')),
    "2 million parameters, 100 rows": ("POST", "/models/dear/predict", JSON, many(b'{"x":1},', 0.0008, b'{"x":1}')),
    "2 million parameters, a million rows": ("POST", "/models/dear/predict", JSON, many(b'{"x":1},', 8, b'{"x":1}')),
    "[] of 8 MB": ("POST", "/predict", JSON, many(b"[],", 8, b"[]")),
    "[] of 60 MB": ("POST", "/train", JSON, many(b"[],", 60, b"[]")),
    "[] of 127 MB": ("POST", "/train", JSON, many(b"[],", 127, b"[]")),
    "1, of 127 MB": ("POST", "/train", JSON, many(b"1,", 127, b"1")),
    "{} of 127 MB": ("POST", "/train", JSON, many(b"{},", 127, b"{}")),
    "a CSV of 3 million columns": ("POST", "/train", CSV, lambda: b"abcde," * 3_000_000 + b"x\n1\n"),
    "a CSV of 30 million rows": ("POST", "/train", CSV, lambda: b"a,b\n" + b"1,2\n" * 28_000_000),
    "a declaration of a million categories": (
        "PUT",
        "/models/declared",
        JSON,
        lambda: json.dumps(declared(1000)).encode(),
    ),
    "a row of 50,000 categories": ("POST", "/models/fifty/train", JSON, lambda: b'{"rows":[{"x0":1}]}'),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", REQUESTS)
def test_a_request_keeps_nobody_waiting_and_takes_little(small: Server, name: str) -> None:
    method, path, headers, make = REQUESTS[name]
    body, longest = make(), 60.0
    for _ in range(ROUNDS):
        if longest >= MAX_WAIT:
            before = reset_peak_memory(small.process.pid)
            with watching_from_outside(small) as waits:
                began = time.monotonic()
                answer = small.client.request(method, path, content=body, headers=headers, timeout=300)
                took = time.monotonic() - began
            more, longest = peak_memory(small.process.pid) - before, waits.longest
            figures.append(
                f"{name}: {len(body) / 1e6:.1f} MB, {answer.status_code} after {took:.1f} s, {more:+.0f} MiB, "
                f"another request waited {1000 * longest:.0f} ms at most, of {len(waits.seconds)}"
            )

            assert answer.status_code < 500 or "not enough memory" in answer.text
            assert more < max(MAX_MORE_MIB, 4 * len(body) / MEBIBYTE)
    assert longest < MAX_WAIT


@pytest.mark.slow
def test_a_head_without_an_end_is_refused(small: Server) -> None:
    where = small.client.base_url.host, small.client.base_url.port or 80
    sent = 0
    with watching_from_outside(small) as waits, socket.create_connection(where) as line, suppress(ConnectionError):
        line.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Long: ")
        while sent < 300:
            line.sendall(b"a" * 1_000_000)
            sent += 1
    assert sent < 300, "the server reads on"
    figures.append(f"a head of 300 MB: another request waited {1000 * waits.longest:.0f} ms at most")

    assert waits.longest < MAX_WAIT


@pytest.mark.slow
def test_after_all_of_them_the_server_is_as_quick_and_small_as_before(small: Server) -> None:
    body = b'{"rows":[' + b'{"x":1},' * 8000 + b'{"x":1}]}'
    address = small.client.base_url.host, small.client.base_url.port or 80
    head = b"POST /models/dear/predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    with ExitStack() as stack:
        for _ in range(45):
            stack.enter_context(socket.create_connection(address)).sendall(head % len(body) + body)
        time.sleep(2)
    time.sleep(2)
    with watching_from_outside(small) as waits:
        until(lambda: len(waits.seconds) > 100, "the server answers")
    resident = reset_peak_memory(small.process.pid)
    figures.append(f"after all of them: {1000 * waits.longest:.0f} ms, {resident:.0f} MiB resident")

    assert waits.longest < 0.05
    assert resident < 300
    assert small.train(TABLE).status_code == 200
