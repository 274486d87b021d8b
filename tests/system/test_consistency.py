"""With several workers, and with several servers over one store, everybody sees what has been acknowledged."""

import json
import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import httpx
import pytest

from tests.conftest import StartServer
from tests.support.dose import figures, times
from tests.support.server import Server, running
from tests.support.tables import QUESTION, TABLE
from tests.support.waiting import until

pytestmark = pytest.mark.slow  # all of them together

WORKERS = 4
CLIENTS = 8
REQUESTS = times(160, full=2000)
SHORT = {"name": "gradient_descent", "max_epochs": 1}
ENDLESS = {"name": "gradient_descent", "max_epochs": 10_000_000}
LINES = "x,y\n1,1\n2,2\n3,3\n"

Result = TypeVar("Result")


@pytest.fixture(scope="module")
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server of four workers, trained."""
    with running(tmp_path_factory.mktemp("workers"), workers=WORKERS) as server:
        assert server.train(TABLE).status_code == 200
        yield server


def at_once(act: Callable[[int], Result], clients: int = CLIENTS) -> Sequence[Result]:
    """Have several clients act at the same moment, each with its number."""
    barrier = threading.Barrier(clients)

    def client(number: int) -> Result:
        barrier.wait(30)
        return act(number)

    with ThreadPoolExecutor(clients) as pool:
        return list(pool.map(client, range(clients)))


class Ledger:
    """The newest version that was acknowledged to anybody."""

    def __init__(self) -> None:
        self.newest = 0
        self._lock = threading.Lock()

    def note(self, version: int) -> None:
        with self._lock:
            self.newest = max(self.newest, version)


def _train_and_predict(client: httpx.Client, ledger: Ledger, number: int) -> list[int]:
    """Alternate; returns the versions made."""
    made: list[int] = []
    for turn in range(REQUESTS // CLIENTS // 2):
        trained = client.post("/train", json={"rows": TABLE, "trainer": SHORT, "seed": 1000 * number + turn})
        assert trained.status_code == 200, trained.text
        made.append(trained.json()["model_version"])
        ledger.note(made[-1])
        least = ledger.newest
        predicted = client.post("/predict", json=QUESTION)
        assert predicted.status_code == 200, predicted.text
        assert predicted.json()["model_version"] >= least
    return made


@pytest.mark.timeout(60 + REQUESTS)
@pytest.mark.parametrize("kept", [None, 1], ids=["all versions kept", "only the newest kept"])
def test_no_prediction_is_older_than_what_was_acknowledged_before_it(
    start_server: StartServer, kept: int | None
) -> None:
    server = start_server(workers=WORKERS, **({} if kept is None else {"keep_versions": kept}))
    client, ledger, began = server.new_connections(), Ledger(), time.monotonic()

    made = at_once(lambda number: _train_and_predict(client, ledger, number))

    versions = sorted(version for each in made for version in each)
    assert versions == list(range(1, REQUESTS // 2 + 1))
    figures.append(
        f"consistency: {REQUESTS} requests of {CLIENTS} clients to {WORKERS} workers, {len(versions)} versions"
        f" ({kept or 'all'} kept), none stale, {time.monotonic() - began:.0f} s"
    )


def test_a_job_is_watched_and_cancelled_by_workers_that_do_not_run_it(workers: Server) -> None:
    client = workers.new_connections()
    job_id = workers.begin_training(TABLE, trainer=ENDLESS)

    owner = owner_of(workers, job_id)
    os.kill(owner, signal.SIGSTOP)  # so the others have to answer
    try:
        assert client.get(f"/jobs/{job_id}").json()["status"] == "running"
        assert job_id in [job["job_id"] for job in client.get("/jobs").json()["jobs"]]
        with client.stream("GET", f"/jobs/{job_id}/events") as stream:
            lines = stream.iter_lines()
            assert next(lines).startswith("id: running-")
            assert client.post(f"/jobs/{job_id}/cancel").status_code == 200
            assert [line for line in lines if line.startswith("event: ")][-1] == "event: cancelled"
    finally:
        os.kill(owner, signal.SIGCONT)
    assert client.get(f"/jobs/{job_id}").json()["status"] == "cancelled"


def owner_of(server: Server, job_id: str) -> int:
    """Return the id of the worker that a job was asked of."""
    facts: dict[str, Any] = json.loads((server.store / f"jobs/{job_id}/submitted.json").read_bytes())
    pid: int = facts["owner"]["pid"]
    return pid


def test_a_job_whose_worker_died_is_told_by_the_others_and_trainings_go_on(start_server: StartServer) -> None:
    server = start_server(workers=2)
    client = server.new_connections()
    job_id = server.begin_training(TABLE, trainer=ENDLESS)

    os.kill(owner_of(server, job_id), signal.SIGKILL)

    def asked() -> dict[str, Any] | None:
        try:
            job: dict[str, Any] = client.get(f"/jobs/{job_id}").json()
        except httpx.TransportError:  # it may have reached the dead one
            return None
        return job if job["finished"] else None

    job = until(asked, "the job has ended")
    assert job["status"] == "failed"
    assert "stopped" in job["error"]["detail"]
    assert client.post("/train", json={"rows": TABLE}).status_code == 200


def _extend(client: httpx.Client, name: str, row: int) -> int:
    """Add a row, as often as it takes."""
    while True:
        answer = client.post(
            f"/models/{name}/train",
            params={"extend": "true", "trainer": "gradient_descent", "max_epochs": "1"},
            content=f"x,y\n{row},{row}\n",
            headers={"Content-Type": "text/csv"},
        )
        if answer.status_code != 409:
            assert answer.status_code == 200, answer.text
            return int(answer.json()["rows"])


def _declare_with_rows(client: httpx.Client, name: str) -> None:
    query = {"targets": "y", "trainer": "gradient_descent", "max_epochs": "1"}
    answer = client.post(f"/models/{name}/train", params=query, content=LINES, headers={"Content-Type": "text/csv"})
    assert answer.status_code == 200, answer.text


def _rows_of(client: httpx.Client, name: str) -> list[float]:
    version = client.get(f"/models/{name}").json()["default_version"]
    lines = client.get(f"/models/{name}/versions/{version}/table").text.split()
    return sorted(float(line.split(",")[0]) for line in lines[1:])


def test_extensions_at_once_lose_no_row(workers: Server) -> None:
    client = workers.new_connections()
    _declare_with_rows(client, "growing")

    counts = at_once(lambda number: _extend(client, "growing", 10 + number))

    assert sorted(counts) == list(range(4, 4 + CLIENTS))
    assert _rows_of(client, "growing") == [1, 2, 3, *range(10, 10 + CLIENTS)]


@pytest.mark.parametrize("settings", [{}, {"keep_versions": 1}], ids=["all kept", "only the newest kept"])
def test_extensions_by_two_servers_over_one_store_lose_no_row(
    start_server: StartServer, settings: dict[str, int]
) -> None:
    first = start_server(**settings)
    servers = [first, start_server(store=first.store, **settings)]
    _declare_with_rows(first.client, "growing")

    at_once(lambda number: [_extend(servers[number % 2].client, "growing", 10 * number + n) for n in range(10, 15)])

    assert _rows_of(first.client, "growing") == [
        1,
        2,
        3,
        *sorted(10 * k + n for k in range(CLIENTS) for n in range(10, 15)),
    ]


def test_a_request_sent_by_many_at_once_with_one_key_is_carried_out_once(workers: Server) -> None:
    client = workers.new_connections()
    before = client.get("/models/exam-score").json()["versions"]

    def send(_: int) -> httpx.Response:
        body = {"rows": TABLE, "trainer": SHORT}
        return client.post("/train", json=body, headers={"Idempotency-Key": "at once"})

    answers = [*at_once(send), send(0)]

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.content for answer in answers}) == 1
    assert client.get("/models/exam-score").json()["versions"] == before + 1
    other = client.post("/train", json={"rows": TABLE}, headers={"Idempotency-Key": "at once"})
    assert other.status_code == 422
    assert "Idempotency-Key" in other.json()["detail"]
