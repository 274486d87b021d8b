"""A server that is told to stop answers everyone who has connected, ends event streams at once, and exits with 0."""

import signal
import socket
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.conftest import StartServer
from tests.support.logs import complaints, events
from tests.support.tables import TABLE
from tests.support.waiting import until

THREADS = 8
ENDLESS = {"name": "gradient_descent", "max_epochs": 10_000_000}
REQUEST = b"GET /models HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"

pytestmark = pytest.mark.slow


def exchange(address: tuple[str, int]) -> str:
    """Ask once over a new connection; return what came of it."""
    try:
        connection = socket.create_connection(address, timeout=20)
    except OSError:
        return "not connected"
    with connection:
        try:
            connection.sendall(REQUEST)
            answer = connection.recv(65536)
        except OSError as error:
            return f"lost: {error}"
    return "answered" if answer.startswith(b"HTTP/1.1 200") else f"lost: {answer!r}"


def ask_until_gone(address: tuple[str, int], seen: "Counter[str]") -> None:
    while "not connected" not in seen:
        seen[exchange(address)] += 1


@pytest.mark.parametrize("is_group", [False, True])
@pytest.mark.parametrize("workers", [1, 3])
def test_nobody_who_has_connected_is_lost(start_server: StartServer, workers: int, is_group: bool) -> None:
    server = start_server(workers=workers)
    url = server.client.base_url
    seen: Counter[str] = Counter()
    with ThreadPoolExecutor(THREADS) as threads:
        for _ in range(THREADS):
            threads.submit(ask_until_gone, (url.host, url.port or 0), seen)
        time.sleep(0.7)
        if is_group:
            server.signal_group(signal.SIGTERM)
            code = server.process.wait(40)
        else:
            code = server.stop()

    assert code == 0
    assert seen["answered"] > THREADS
    assert not [each for each in seen if each.startswith("lost")], seen
    assert not any("exception" in event for event in events(server))


def test_an_answer_given_while_the_server_stops_closes_its_connection(start_server: StartServer) -> None:
    server = start_server()
    url = server.client.base_url
    with socket.create_connection((url.host, url.port or 0), timeout=20) as connection:
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        connection.sendall(REQUEST)
        answer = connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 200")
    assert b"connection: close" in answer
    assert server.process.wait(20) == 0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_streams_end_at_once_with_a_last_event(start_server: StartServer, number: int) -> None:
    server = start_server()
    job_id = server.begin_training(TABLE, trainer=ENDLESS)
    ends: list[str] = []

    def watch() -> None:
        with server.client.stream("GET", f"/jobs/{job_id}/events") as answer:
            ends.append(list(answer.iter_lines())[-3])

    watching = [threading.Thread(target=watch) for _ in range(5)]
    for each in watching:
        each.start()
    time.sleep(1)
    began = time.monotonic()
    server.process.send_signal(number)
    for each in watching:
        each.join(20)
    seconds = time.monotonic() - began

    assert ends == ["event: stopping"] * 5
    assert server.process.wait(20) == 0
    assert seconds < 2
    assert time.monotonic() - began < 4
    assert complaints(server) == []


def test_the_service_is_not_ready_from_the_signal_on(start_server: StartServer) -> None:
    server = start_server()
    job_id = server.begin_training(TABLE, trainer=ENDLESS)
    url = server.client.base_url
    with socket.create_connection((url.host, url.port or 0), timeout=20) as connection:
        server.process.send_signal(signal.SIGTERM)
        time.sleep(0.1)
        connection.sendall(REQUEST.replace(b"/models", b"/readyz"))
        assert b" 503 " in connection.recv(65536)
    assert server.process.wait(20) == 0
    server.client.close()
    server.start()
    server.wait_for(job_id, "running")


def test_a_training_is_handed_over_and_who_waits_for_it_is_told_where_to_look(start_server: StartServer) -> None:
    server = start_server(grace_seconds=4)
    with ThreadPoolExecutor(2) as threads:
        waits = threads.submit(server.train, TABLE, "wait=600", trainer=ENDLESS)
        job_id = until(lambda: next(iter(server.client.get("/jobs").json()["jobs"]), None), "it has come")["job_id"]
        server.wait_for(job_id, "running")
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        answer = waits.result()
    assert (answer.status_code, answer.headers["location"]) == (202, f"/jobs/{job_id}")
    assert answer.headers["connection"] == "close"
    assert server.process.wait(20) == 0
    assert time.monotonic() - began < 10
    until(lambda: not server.processes(), "no process is left")
    assert complaints(server) == []

    server.client.close()
    server.start()
    assert server.wait_for(job_id, "running")["error"] is None


HEAD = b"POST /train HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize("sent", [HEAD, HEAD + b"Content-Length: 9\r\n\r\n{"])
def test_a_request_that_is_not_done_in_time_is_answered_503(start_server: StartServer, sent: bytes) -> None:
    server = start_server(grace_seconds=2, receive_seconds=600)
    url = server.client.base_url
    with socket.create_connection((url.host, url.port or 0), timeout=20) as connection:
        connection.sendall(sent)
        server.client.close()
        server.process.send_signal(signal.SIGTERM)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    assert server.process.wait(20) == 0
    assert answer.startswith(b"HTTP/1.1 503 ")
    assert answer.count(b"connection: close") == 1
    assert b"the server is stopping" in answer.partition(b"\r\n\r\n")[2]
    assert not any("exception" in event for event in events(server))


def test_a_training_that_is_not_to_be_begun_anew_fails_with_its_server(start_server: StartServer) -> None:
    server = start_server()
    job_id = server.begin_training(TABLE, trainer=ENDLESS, restart=False)
    assert server.stop() == 0
    server.start()
    error = server.client.get(f"/jobs/{job_id}").json()["error"]
    assert (error["status"], error["detail"]) == (503, "the server that ran it stopped")


def test_streams_have_a_limit_and_head_of_one_is_answered_at_once(start_server: StartServer) -> None:
    server = start_server()
    job_id = server.begin_training(TABLE, trainer=ENDLESS)

    assert (
        server.client.head(f"/jobs/{job_id}/events", timeout=5).headers["content-type"].startswith("text/event-stream")
    )

    url = server.client.base_url
    request = f"GET /jobs/{job_id}/events HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
    streams: list[socket.socket] = []
    statuses: Counter[bytes] = Counter()
    try:
        for _ in range(2005):
            streams.append(socket.create_connection((url.host, url.port or 0), timeout=20))
            streams[-1].sendall(request)
        for each in streams:
            statuses[each.recv(12)[9:12]] += 1
        limit = statuses[b"200"]
        assert 100 <= limit <= 2000
        assert statuses[b"503"] == 2005 - limit, statuses
        refused = server.client.get(f"/jobs/{job_id}/events")
        assert refused.headers["retry-after"] == "1"
        assert "event streams are open" in refused.json()["detail"]
        assert "SCORECAST_MAX_EVENT_STREAMS" in refused.json()["detail"]
    finally:
        for each in streams:
            each.close()
    assert server.client.get(f"/jobs/{job_id}").status_code == 200
    with httpx.Client(base_url=url, trust_env=False) as client:
        deadline = time.monotonic() + 10
        while True:
            with client.stream("GET", f"/jobs/{job_id}/events") as answer:
                if answer.status_code == 200:
                    break
            assert time.monotonic() < deadline
            time.sleep(0.1)
