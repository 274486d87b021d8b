"""What is kept: finished jobs for a time and up to a number, versions up to a number."""

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import StartServer
from tests.support.server import Server
from tests.support.tables import QUESTION, TABLE
from tests.support.waiting import until

pytestmark = pytest.mark.slow  # all of them together

SHORT = {"name": "gradient_descent", "max_epochs": 1}
ENDLESS = {"name": "gradient_descent", "max_epochs": 10_000_000}


def train(server: Server, key: str = "", **options: Any) -> dict[str, Any]:
    """Train a version."""
    headers = {"Idempotency-Key": key} if key else {}
    answer = server.client.post("/train", json={"rows": TABLE, "trainer": SHORT, **options}, headers=headers)
    assert answer.status_code == 200, answer.text
    trained: dict[str, Any] = answer.json()
    return trained


def job_ids(server: Server) -> list[str]:
    """Return the ids of all jobs, the newest first."""
    return [job["job_id"] for job in server.client.get("/jobs?limit=1000").json()["jobs"]]


def versions(server: Server) -> list[int]:
    """Return the numbers of all versions, the newest first."""
    listed = server.client.get("/models/exam-score/versions?limit=1000").json()["versions"]
    return [version["model_version"] for version in listed]


def files(folder: Path) -> int:
    """Return how many files there are in a folder."""
    return sum(1 for path in folder.rglob("*") if path.is_file())


def test_of_finished_jobs_the_newest_are_kept(start_server: StartServer) -> None:
    server = start_server(keep_jobs=3)
    trained = [train(server)["job_id"] for _ in range(6)]

    assert job_ids(server) == trained[:2:-1]
    assert sorted(path.name for path in (server.store / "jobs").iterdir()) == trained[3:]
    assert server.client.get(f"/jobs/{trained[0]}").status_code == 404
    assert len(versions(server)) == 6  # what they made stays


def test_a_job_that_has_not_finished_is_not_forgotten(start_server: StartServer) -> None:
    server = start_server(keep_jobs=1)
    running = server.begin_training(TABLE, trainer=ENDLESS)
    waiting = [server.train(TABLE, "respond-async", trainer=SHORT).json()["job_id"] for _ in range(3)]

    assert job_ids(server) == [*waiting[::-1], running]

    server.client.post(f"/jobs/{running}/cancel")
    assert server.wait_for(waiting[-1], "succeeded")["model_version"] == 3


def test_finished_jobs_are_kept_for_a_time(start_server: StartServer) -> None:
    server = start_server(keep_jobs_seconds=1)
    first = train(server)["job_id"]

    def is_forgotten() -> bool:
        train(server)
        return server.client.get(f"/jobs/{first}").status_code == 404

    until(is_forgotten, "the first job is forgotten")


def test_an_idempotency_key_is_forgotten_with_its_job(start_server: StartServer) -> None:
    server = start_server(keep_jobs=1)
    assert train(server, "mine") == train(server, "mine")

    train(server)
    train(server)

    assert train(server, "mine")["model_version"] == 4
    assert files(server.store / "claims") == 1


def test_the_newest_versions_are_kept(start_server: StartServer) -> None:
    server = start_server(keep_versions=2)
    for number in range(1, 6):
        assert train(server)["model_version"] == number

    assert versions(server) == [5, 4]
    assert files(server.store / "models/exam-score/checkpoints") == 2
    assert len({path.stem for path in (server.store / "models/exam-score/tables").iterdir()}) == 2
    assert server.client.get("/models/exam-score/versions/3").status_code == 404
    assert server.client.post("/models/exam-score/versions/3/predict", json=QUESTION).status_code == 404
    assert server.client.post("/predict", json=QUESTION).json()["model_version"] == 5


def test_the_first_answer_comes_again_though_its_version_is_gone(start_server: StartServer) -> None:
    server = start_server(keep_versions=1)
    first = train(server, "mine")
    train(server)

    assert versions(server) == [2]
    assert train(server, "mine") == first


def test_versions_go_on_being_counted_after_a_restart(start_server: StartServer) -> None:
    server = start_server(keep_versions=1)
    train(server)
    train(server)

    server.restart()

    assert train(server)["model_version"] == 3
    assert versions(server) == [3]
