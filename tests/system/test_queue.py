"""The queue over real servers: what waits survives its server, whoever waits has a turn, and tables wait on the disk."""

import json
import os
import signal
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import httpx
import pytest

from app.access import ApiKey, Role, add_key
from tests.support.memory import reset_peak_memory
from tests.support.server import Server, running
from tests.support.tables import TABLE
from tests.support.waiting import until

ENDLESS = {"name": "gradient_descent", "max_epochs": 10_000_000}
SHORT = {"name": "gradient_descent", "max_epochs": 10}
ENDS: dict[str, Callable[[Server], object]] = {"SIGKILL": Server.kill, "SIGTERM": Server.stop}


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with running(tmp_path) as server:
        yield server


def submit(server: Server, client: httpx.Client | None = None, key: str = "", path: str = "/train") -> str:
    """Have a training queued; returns the job's id."""
    headers = {"Prefer": "respond-async"} | ({"Idempotency-Key": key} if key else {})
    answer = (client or server.client).post(path, json={"rows": TABLE, "trainer": SHORT}, headers=headers)
    assert answer.is_success, answer.text
    job_id: str = answer.json()["job_id"]
    return job_id


def versions_by_job(server: Server) -> list[str]:
    """Return the ids of the jobs that have made the versions of `exam-score`, from the first on."""
    found = server.client.get("/models/exam-score/versions").json()["versions"]
    return [version["job_id"] for version in sorted(found, key=lambda version: int(version["model_version"]))]


def succeed(server: Server, job_ids: list[str]) -> None:
    """Return once all jobs have succeeded; on a busy machine several workers take long to start."""

    def have_succeeded() -> bool:
        with server.new_connections() as client:  # those of a worker that was killed are broken
            jobs = [client.get(f"/jobs/{job_id}").json() for job_id in job_ids]
        assert all(job["status"] in {"queued", "running", "succeeded"} for job in jobs), jobs
        return all(job["status"] == "succeeded" for job in jobs)

    until(have_succeeded, "all jobs have succeeded", 120)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize(("workers", "end"), [(1, "SIGKILL"), (1, "SIGTERM"), (3, "SIGTERM")])
def test_what_waits_when_the_server_ends_is_trained_once_by_the_next(tmp_path: Path, workers: int, end: str) -> None:
    with running(tmp_path, workers=workers) as server:
        ran = server.begin_training(TABLE, trainer=ENDLESS)
        with server.new_connections() as client:
            waiting = [submit(server, client, key=f"key-{number}") for number in range(6)]
        ENDS[end](server)
        until(lambda: not server.processes(), "no process is left")
        server.start()
        if end == "SIGTERM":  # it is begun anew
            server.wait_for(ran, "running")
            server.client.post(f"/jobs/{ran}/cancel")
            server.wait_for(ran, "cancelled")

        succeed(server, waiting)
        if end == "SIGKILL":
            assert server.client.get(f"/jobs/{ran}").json()["error"]["detail"] == "the server that ran it stopped"
        assert sorted(versions_by_job(server)) == sorted(waiting)
        assert [submit(server, key=f"key-{number}") for number in range(6)] == waiting
        until(lambda: not list((server.store / "spool").glob("*")), "no task is left")


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_worker_that_is_killed_leaves_what_waits_in_it_to_the_others(tmp_path: Path) -> None:
    with running(tmp_path, workers=2) as server:
        running_job = server.begin_training(TABLE, trainer=ENDLESS)
        with server.new_connections() as client:
            waiting = [submit(server, client) for _ in range(10)]
        os.kill(owner(server, running_job), signal.SIGKILL)

        succeed(server, waiting)
        assert sorted(versions_by_job(server)) == sorted(waiting)


def owner(server: Server, job_id: str) -> int:
    """Return the id of the process that has taken a job."""
    pid: int = json.loads((server.store / f"jobs/{job_id}/submitted.json").read_text())["owner"]["pid"]
    return pid


@pytest.mark.slow
def test_what_was_taken_over_can_be_cancelled(server: Server) -> None:
    server.begin_training(TABLE, trainer=ENDLESS)
    runs, waits = (server.train(TABLE, "respond-async", trainer=ENDLESS).json()["job_id"] for _ in range(2))
    server.kill()
    server.start()
    server.wait_for(runs, "running")

    for job_id in (waits, runs):
        server.client.post(f"/jobs/{job_id}/cancel")
        server.wait_for(job_id, "cancelled")
    assert server.train(TABLE, trainer=SHORT).json()["model_version"] == 1


@pytest.mark.slow
def test_one_client_s_trainings_do_not_keep_another_waiting(server: Server) -> None:
    endless = server.begin_training(TABLE, trainer=ENDLESS)
    many = [submit(server) for _ in range(5)]
    elsewhere = httpx.HTTPTransport(local_address="127.0.0.2")
    with httpx.Client(base_url=server.client.base_url, transport=elsewhere, timeout=60) as other:
        late = submit(server, other)
    server.client.post(f"/jobs/{endless}/cancel")

    succeed(server, [*many, late])
    assert versions_by_job(server) == [late, *many]


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("is_killed", [False, True])
def test_a_key_s_small_training_does_not_wait_for_the_large_ones_of_another(tmp_path: Path, *, is_killed: bool) -> None:
    keys = {name: add_key(str(tmp_path / "keys"), partial(ApiKey, name, Role.TRAIN)) for name in ("many", "one")}
    large = {"rows": [{**row, "hours_studied": number % 10} for number in range(60) for row in TABLE], "trainer": SHORT}
    with running(tmp_path, api_keys_file=tmp_path / "keys") as server:
        server.client.headers["X-API-Key"] = keys["many"]
        endless = server.begin_training(TABLE, trainer=ENDLESS)
        headers = {"Prefer": "respond-async"}
        many = [server.client.post("/train", json=large, headers=headers).json()["job_id"] for _ in range(3)]
        late = {"rows": TABLE, "trainer": SHORT}
        one = server.client.post("/train", json=late, headers=headers | {"X-API-Key": keys["one"]}).json()["job_id"]
        if is_killed:
            server.kill()
            server.start()
            server.client.headers["X-API-Key"] = keys["many"]
        else:
            server.client.post(f"/jobs/{endless}/cancel")

        for job_id in many:
            server.wait_for(job_id, "succeeded")
        assert versions_by_job(server) == [one, *many]


@pytest.mark.slow
def test_tables_that_wait_take_no_memory(server: Server) -> None:
    rows = "\n".join(f"{row}.25,{row % 7}.5,{row % 11}.5,{row % 13}.5,{row % 17}.5" for row in range(100_000))
    table = f"a,b,c,d,y\n{rows}\n".encode()

    def send() -> None:
        answer = server.client.post(
            "/models/large/train?targets=y&hidden_layers=1&trainer=gradient_descent&max_epochs=1",
            content=table,
            headers={"Content-Type": "text/csv", "Prefer": "respond-async"},
        )
        assert answer.status_code == 202, answer.text

    server.begin_training(TABLE, trainer=ENDLESS)
    for _ in range(3):
        send()
    before = reset_peak_memory(server.process.pid)
    for _ in range(12):
        send()
    grown = reset_peak_memory(server.process.pid) - before

    assert grown < 3 * 4, f"twelve tables of 4 MB took {grown:.0f} MiB"
    assert len(list((server.store / "spool").iterdir())) == 16
