"""A store that goes away while a server runs is not made anew: what is in memory serves on, and all else says so."""

import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from app.store.disk import DiskStore
from tests.conftest import StartServer
from tests.support.problems import problem
from tests.support.server import Server, low_priority
from tests.support.tables import QUESTION, TABLE
from tests.support.waiting import until

pytestmark = pytest.mark.slow  # all of them together

SHORT = {"name": "gradient_descent", "max_epochs": 1}
ENDLESS = {"name": "gradient_descent", "max_epochs": 10_000_000}
DECLARATION = {"features": [{"name": "x"}], "targets": [{"name": "y"}]}
READY = {"status": "ready"}


def _nothing(store: Path) -> None:
    pass


def _another_store(store: Path) -> None:
    DiskStore(str(store)).put("models/other/key", b"")


INSTEAD: dict[str, Callable[[Path], None]] = {
    "nothing": _nothing,
    "an empty folder": Path.mkdir,
    "another store": _another_store,
}


@pytest.fixture
def server(start_server: StartServer) -> Server:
    """A server whose model has two versions."""
    server = start_server()
    for _ in range(2):
        assert server.train(TABLE, trainer=SHORT).status_code == 200
    return server


def moved(store: Path) -> Path:
    return store.with_name("moved")


def come_back(store: Path) -> None:
    shutil.rmtree(store, ignore_errors=True)
    moved(store).rename(store)


@pytest.mark.parametrize("instead", INSTEAD.values(), ids=INSTEAD)
def test_nothing_is_acknowledged_that_would_be_lost_and_all_is_well_when_it_is_back(
    server: Server, instead: Callable[[Path], None]
) -> None:
    client, store = server.client, server.store
    before = client.post("/predict", json=QUESTION).content
    store.rename(moved(store))
    instead(store)
    found = sorted(store.rglob("*"))

    told = [
        server.train(TABLE, trainer=SHORT),
        server.train(TABLE, "respond-async", trainer=SHORT),
        client.post("/train", json={"rows": TABLE}, headers={"Idempotency-Key": "key"}),
        client.put("/models/other", json=DECLARATION),
        client.put("/models/exam-score/default-version", json={"model_version": 1}),
        client.delete("/models/exam-score/versions/1"),
        client.delete("/models/exam-score"),
        client.post("/jobs/000000000000-00000000/cancel"),
        client.get("/jobs"),
        client.get("/jobs/000000000000-00000000"),
        client.get("/models"),
        client.get("/models/other"),
        client.post("/models/other/predict", json={"x": 1}),
        client.get("/models/exam-score/versions/1/table"),
    ]
    for answer in told:
        assert "the store cannot be used" in problem(answer, 503)["detail"]
    assert client.post("/predict", json=QUESTION).content == before
    assert client.get("/models/exam-score").json()["versions"] == 2
    ready = client.get("/readyz")
    assert ready.status_code == 200
    assert "the store cannot be used" in ready.json()["warning"]
    assert sorted(store.rglob("*")) == found
    assert store.exists() == (instead is not _nothing)

    come_back(store)
    assert client.get("/readyz").json() == READY
    assert client.post("/predict", json=QUESTION).content == before
    assert server.train(TABLE, trainer=SHORT).json()["model_version"] == 3
    assert client.get("/jobs").json()["jobs"][0]["status"] == "succeeded"


def test_a_version_that_was_not_in_memory_answers_again_when_the_store_is_back(server: Server) -> None:
    path = "/models/exam-score/versions/1/predict"
    server.restart()  # only the default version is read
    server.store.rename(moved(server.store))
    problem(server.client.post(path, json=QUESTION), 503)

    come_back(server.store)
    assert server.client.post(path, json=QUESTION).status_code == 200


def test_a_checkpoint_that_was_missing_answers_again_when_it_is_back(server: Server) -> None:
    path = "/models/exam-score/versions/1/predict"
    server.restart()
    checkpoints = server.store / "models/exam-score/checkpoints"
    checkpoints.rename(checkpoints.with_name("elsewhere"))
    problem(server.client.post(path, json=QUESTION), 500)

    checkpoints.with_name("elsewhere").rename(checkpoints)
    until(lambda: server.client.post(path, json=QUESTION).is_success, "it is looked for again")


def test_a_training_that_runs_meanwhile_fails_and_publishes_nothing(server: Server) -> None:
    job_id = server.begin_training(TABLE, trainer=ENDLESS)
    server.store.rename(moved(server.store))
    until(lambda: "cannot be used" in server.log, "the server has noticed")

    assert not server.store.exists()
    come_back(server.store)
    assert server.wait_for(job_id, "failed")["error"]["status"] == 503
    assert server.train(TABLE, trainer=SHORT).json()["model_version"] == 3


def test_a_process_that_takes_the_place_of_another_does_not_make_it_anew(start_server: StartServer) -> None:
    server = start_server(workers=2)
    assert server.train(TABLE, trainer=SHORT).status_code == 200
    server.store.rename(moved(server.store))
    serving = set(_workers(server))
    os.kill(next(iter(serving)), signal.SIGKILL)

    until(lambda: len(serving | set(_workers(server))) > 2 and len(_workers(server)) == 2, "another has started")
    with server.new_connections() as client:
        until(lambda: client.get("/readyz").status_code == 503, "the new process has nothing in memory")
        assert not server.store.exists()
        come_back(server.store)
        until(lambda: all(client.get("/readyz").json() == READY for _ in range(10)), "all have read it again")
        assert all(client.post("/predict", json=QUESTION).status_code == 200 for _ in range(10))


def _workers(server: Server) -> list[int]:
    """Return the ids of the processes that serve: children of the supervisor that listen."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    commands = {int(pid): Path(f"/proc/{pid}/cmdline").read_bytes() for pid in children}
    return [pid for pid, command in commands.items() if b"spawn_main" in command and pid not in low_priority([pid])]
