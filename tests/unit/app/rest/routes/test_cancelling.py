"""Trainings that wait, trainings that are not wanted any more."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.conftest import StartServer
from tests.support.server import Server
from tests.support.tables import TABLE
from tests.support.waiting import until

pytestmark = pytest.mark.slow  # all of them together

SHORT = {"name": "gradient_descent", "max_epochs": 1}
ENDLESS = {"name": "gradient_descent", "max_epochs": 10_000_000}
LARGE: list[dict[str, float]] = [
    {"hours_studied": n % 24, "hours_slept": n * 7 % 23, "score": n * n % 101} for n in range(3000)
]
TRIES = 3
"""Of so many cancels one has to be quick: the machine may have been busy with other things."""


def cancel(server: Server, job_id: str) -> dict[str, Any]:
    """Ask a job to stop."""
    answer = server.client.post(f"/jobs/{job_id}/cancel")
    assert answer.status_code == 200, answer.text
    job: dict[str, Any] = answer.json()
    return job


def seconds_to_stop(server: Server, rows: list[dict[str, float]], **options: Any) -> float:
    """Return how long a training goes on after it is asked to stop."""
    job_id = server.begin_training(rows, **options)
    asked = datetime.now(UTC)
    cancel(server, job_id)
    finished = server.wait_for(job_id, "cancelled")["finished"]
    return (datetime.fromisoformat(finished) - asked).total_seconds()


@pytest.mark.parametrize(
    ("rows", "options"),
    [(TABLE, {"trainer": ENDLESS}), (LARGE, {})],
    ids=["short epochs", "the default trainer with a larger table"],
)
def test_a_training_stops_within_half_a_second(server: Server, rows: list[dict[str, float]], options: Any) -> None:
    versions = server.client.get("/models/exam-score").json()["versions"]

    assert min(seconds_to_stop(server, rows, **options) for _ in range(TRIES)) <= 0.5

    assert server.client.get("/models/exam-score").json()["versions"] == versions


def test_a_training_in_the_queue_is_cancelled_at_once_and_never_begins(server: Server) -> None:
    running = server.begin_training(TABLE, trainer=ENDLESS)
    waiting = server.train(TABLE, "respond-async", trainer=SHORT).json()
    assert waiting["status"] == "queued"

    cancelled = cancel(server, waiting["job_id"])

    assert (cancelled["status"], cancelled["started"]) == ("cancelled", None)
    cancel(server, running)
    assert server.train(TABLE, trainer=SHORT).status_code == 200
    assert server.client.get(f"/jobs/{waiting['job_id']}").json() == cancelled


def test_who_waits_for_a_training_that_is_cancelled_is_told_at_once(server: Server) -> None:
    running = server.begin_training(TABLE, trainer=ENDLESS)
    waiting = server.train(TABLE, "respond-async", trainer=SHORT).json()["job_id"]
    body, headers = {"rows": TABLE, "trainer": SHORT}, {"Idempotency-Key": "cancelled", "Prefer": "wait=600"}
    with ThreadPoolExecutor(1) as pool:
        answer = pool.submit(server.client.post, "/train", json=body, headers=headers)
        newest = until(lambda: _newest_but(server, waiting), "the training is in the queue")
        cancel(server, newest)
        for document in (answer.result(), server.client.post("/train", json=body, headers=headers)):
            assert document.status_code == 409
            assert "cancelled" in document.json()["detail"]
    assert server.client.get(f"/jobs/{running}").json()["status"] == "running"
    cancel(server, running)


def _newest_but(server: Server, other: str) -> str | None:
    """Return the newest job unless it is the other one; a page leaves out a job whose record is just being written."""
    page = server.client.get("/jobs?limit=1").json()["jobs"]
    return next((job["job_id"] for job in page if job["job_id"] != other), None)


def test_a_finished_training_stays_as_it_is(server: Server) -> None:
    job_id = server.train(TABLE, trainer=SHORT).json()["job_id"]
    before = server.client.get(f"/jobs/{job_id}").json()

    assert cancel(server, job_id) == before
    assert before["status"] == "succeeded"


def test_a_cancel_survives_the_server(start_server: StartServer) -> None:
    server = start_server()
    job_id = server.begin_training(TABLE, trainer=ENDLESS)
    os.kill(server.training_process(), signal.SIGSTOP)  # so it cannot do as it is asked
    assert cancel(server, job_id)["status"] == "running"

    server.signal_group(signal.SIGKILL)
    server.kill()
    server.start()

    assert server.client.get(f"/jobs/{job_id}").json()["status"] == "cancelled"
    assert server.train(TABLE, trainer=SHORT).json()["model_version"] == 1


def test_when_the_queue_is_full_clients_are_asked_to_come_back(start_server: StartServer) -> None:
    server = start_server(max_queued_jobs=2)
    jobs = [server.begin_training(TABLE, trainer=ENDLESS)]
    jobs.append(server.train(TABLE, "respond-async", trainer=ENDLESS).json()["job_id"])

    for prefer in ("", "respond-async"):
        refused = server.train(TABLE, prefer, trainer=SHORT)
        assert refused.status_code == 429
        assert int(refused.headers["Retry-After"]) >= 1
        assert refused.headers["content-type"] == "application/problem+json"
    assert len(server.client.get("/jobs").json()["jobs"]) == 2

    for job_id in jobs:
        cancel(server, job_id)
    until(lambda: server.train(TABLE, trainer=SHORT).status_code == 200, "trainings are taken again")


def test_a_full_queue_still_answers_a_request_that_it_has_taken_before(start_server: StartServer) -> None:
    server = start_server(max_queued_jobs=1)
    body, headers = {"rows": TABLE, "trainer": ENDLESS}, {"Idempotency-Key": "once", "Prefer": "respond-async"}
    first = server.client.post("/train", json=body, headers=headers).json()["job_id"]

    again = server.client.post("/train", json=body, headers=headers)

    assert (again.status_code, again.json().get("job_id")) == (202, first)
