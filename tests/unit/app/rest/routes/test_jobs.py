"""GET /jobs and what is below it, over a real server."""

import os
import signal
from typing import Any

import numpy as np
import pytest

from tests.conftest import StartServer
from tests.support.problems import MEMBERS, problem
from tests.support.server import Server
from tests.support.tables import TABLE
from tests.support.waiting import until

MEMBERS_OF_JOB = [
    "job_id",
    "model_name",
    "status",
    "epoch",
    "loss",
    "progress",
    "network",
    "created",
    "started",
    "finished",
    "model_version",
    "error",
    "read",
]
QUICK = {"name": "gradient_descent", "max_epochs": 10}
ENDLESS: dict[str, Any] = {"name": "gradient_descent", "max_epochs": 10_000_000}

NO_IDS = [
    "absent",
    "%20",
    "..%2f..%2fetc%2fpasswd",
    "%2e%2e",
    "a%00b",
    "%0A",
    "%ff%fe",
    "%F0%9F%98%80",
    "_staging",
    ".hidden",
    "a%2fb",
    "%3Fx%23y",
    "<script>alert(1)<%2fscript>".replace("<", "%3C").replace(">", "%3E"),
    "x" * 255,
    "x" * 5000,
]


def test_a_finished_job_is_told_with_all_its_members(server: Server) -> None:
    trained = server.train(TABLE, trainer=QUICK).json()

    job = server.client.get(f"/jobs/{trained['job_id']}").json()

    assert list(job) == MEMBERS_OF_JOB
    assert (job["status"], job["model_name"], job["model_version"]) == (
        "succeeded",
        "exam-score",
        trained["model_version"],
    )
    assert (job["epoch"], job["loss"], job["error"]) == (10, trained["loss"], None)
    assert job["created"] <= job["started"] <= job["finished"]
    assert job["created"].endswith("Z")


def test_a_running_job_tells_how_far_it_has_come(server: Server) -> None:
    job_id = server.begin_training(TABLE, trainer=ENDLESS)

    first = server.client.get(f"/jobs/{job_id}").json()
    later = first
    while later["epoch"] == first["epoch"]:
        later = server.client.get(f"/jobs/{job_id}").json()

    assert (later["status"], later["finished"], later["model_version"]) == ("running", None, None)
    assert later["epoch"] > first["epoch"]
    assert later["loss"] > 0
    server.client.post(f"/jobs/{job_id}/cancel")
    assert server.wait_for(job_id, "cancelled")["finished"]


def test_a_running_job_tells_its_network_and_how_much_is_behind_it(server: Server) -> None:
    job_id = server.begin_training(TABLE, trainer=ENDLESS)

    first = until(lambda: network_of(server, job_id), "the network is told")
    later = first
    while later["epoch"] == first["epoch"]:
        later = server.client.get(f"/jobs/{job_id}").json()

    assert [(layer["units"], layer["activation"]) for layer in later["network"]] == [(3, "sigmoid"), (1, "sigmoid")]
    assert np.shape(later["network"][0]["weights"]) == (2, 3)
    assert later["network"] != first["network"]
    assert later["progress"] == pytest.approx(later["epoch"] / ENDLESS["max_epochs"])
    server.client.post(f"/jobs/{job_id}/cancel")
    cancelled = server.wait_for(job_id, "cancelled")
    assert (cancelled["network"], cancelled["progress"]) == (None, None)


def network_of(server: Server, job_id: str) -> dict[str, Any] | None:
    """Return the job once it tells a network."""
    job: dict[str, Any] = server.client.get(f"/jobs/{job_id}").json()
    return job if job["network"] else None


def test_a_large_network_is_not_told_while_it_learns(server: Server) -> None:
    network = {"hidden_layers": [200]}
    job_id = server.begin_training(TABLE, trainer=ENDLESS, network=network)

    job = until(lambda: told if (told := server.client.get(f"/jobs/{job_id}").json())["epoch"] else None, "it learns")

    assert job["network"] is None
    server.client.post(f"/jobs/{job_id}/cancel")
    server.wait_for(job_id, "cancelled")


def test_infinite_weights_are_not_told(server: Server) -> None:
    """A saturated unit bears them for long, and an event with them would be no JSON."""
    trainer = {**ENDLESS, "learning_rate": 1.7e308, "momentum": 0.999}
    rows = [{"x": 1, "score": 2}, {"x": 2, "score": 1}, {"x": 3, "score": 2}]
    body = {"rows": rows, "trainer": trainer, "network": {"hidden_layers": []}}
    headers = {"Prefer": "respond-async"}
    begun = server.client.post("/models/steep/train", params={"targets": "score"}, json=body, headers=headers)
    job_id = begun.json()["job_id"]

    until(lambda: (server.client.get(f"/jobs/{job_id}").json()["epoch"] or 0) > 100, "it learns")
    with server.client.stream("GET", f"/jobs/{job_id}/events") as events:
        data = next(line for line in events.iter_lines() if line.startswith("data: "))

    assert "Infinity" not in data
    assert server.client.get(f"/jobs/{job_id}").json()["network"] is None
    server.client.post(f"/jobs/{job_id}/cancel")
    server.wait_for(job_id, "cancelled")


def test_of_a_training_that_stops_when_it_is_done_nobody_knows_how_much_is_left(server: Server) -> None:
    trainer = {**ENDLESS, "patience": ENDLESS["max_epochs"]}
    job_id = server.begin_training(TABLE, trainer=trainer)

    job = until(lambda: network_of(server, job_id), "the network is told")

    assert job["progress"] is None
    server.client.post(f"/jobs/{job_id}/cancel")
    server.wait_for(job_id, "cancelled")


def test_a_failed_job_tells_of_what_as_a_problem_document(server: Server) -> None:
    network = {"scaling": "standard"}
    server.train(TABLE, "respond-async", network=network, trainer=QUICK)  # it may have failed before this is answered
    job_id = server.client.get("/jobs").json()["jobs"][0]["job_id"]

    error = server.wait_for(job_id, "failed")["error"]

    assert list(error) == MEMBERS
    assert (error["status"], error["instance"]) == (422, f"/jobs/{job_id}")
    assert "sigmoid outputs" in error["detail"]


def test_jobs_are_listed_with_the_newest_first(server: Server) -> None:
    ids = [server.train(TABLE, trainer=QUICK).json()["job_id"] for _ in range(3)]

    listed = server.client.get("/jobs").json()["jobs"]

    assert [job["job_id"] for job in listed[:3]] == ids[::-1]
    assert listed[0] == server.client.get(f"/jobs/{ids[-1]}").json()


@pytest.mark.parametrize("job_id", NO_IDS)
def test_an_id_that_was_not_given_out_is_answered_404(server: Server, job_id: str) -> None:
    for method, below in (("GET", ""), ("GET", "/events"), ("POST", "/cancel")):
        raw = f"/jobs/{job_id}{below}".encode()
        answer = server.client.request(method, server.client.base_url.copy_with(raw_path=raw))
        assert answer.status_code == 404, answer.text
        assert answer.headers["content-type"] == "application/problem+json"
        assert list(answer.json()) == MEMBERS


def test_a_job_is_cancelled_while_it_runs_and_while_it_waits(server: Server) -> None:
    running = server.begin_training(TABLE, trainer=ENDLESS)
    queued = [server.train(TABLE, "respond-async", trainer=ENDLESS).json()["job_id"] for _ in range(3)]

    for job_id in queued:
        assert server.client.post(f"/jobs/{job_id}/cancel").json()["status"] == "cancelled"
    assert server.client.post(f"/jobs/{running}/cancel").status_code == 200
    server.wait_for(running, "cancelled")

    assert server.train(TABLE, trainer=QUICK).status_code == 200


def test_a_finished_job_stays_as_it_is(server: Server) -> None:
    job_id = server.train(TABLE, trainer=QUICK).json()["job_id"]

    assert server.client.post(f"/jobs/{job_id}/cancel").json()["status"] == "succeeded"


@pytest.mark.slow
def test_a_killed_training_is_answered_503_and_the_next_one_works(start_server: StartServer) -> None:
    server = start_server()
    killed = server.begin_training(TABLE, trainer=ENDLESS)
    waiting = server.train(TABLE, "respond-async", trainer=QUICK).json()["job_id"]

    os.kill(server.training_process(), signal.SIGKILL)

    error = server.wait_for(killed, "failed")["error"]
    assert (error["status"], error["detail"]) == (503, "the training process died")
    assert server.wait_for(waiting, "succeeded")["model_version"] == 1
    assert server.train(TABLE, trainer=QUICK).json()["model_version"] == 2


@pytest.mark.slow
def test_a_trace_of_a_job_or_a_damaged_record_takes_nothing_down(start_server: StartServer) -> None:
    server = start_server()
    job_id = server.train(TABLE, trainer=QUICK).json()["job_id"]
    damaged = server.train(TABLE, trainer=QUICK).json()["job_id"]
    (server.store / "jobs/0123-trace").mkdir()
    (server.store / f"jobs/{damaged}/submitted.json").write_text("{")

    assert [job["job_id"] for job in server.client.get("/jobs").json()["jobs"]] == [job_id]
    problem(server.client.get(f"/jobs/{damaged}"), 404)
    problem(server.client.get("/jobs/0123-trace"), 404)
    assert server.train(TABLE, trainer=QUICK).status_code == 200
