"""A store whose newest version is damaged, or that was last written by a clock a day ahead: what is whole serves on."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.conftest import StartServer
from tests.support.clocks import clock_set_to
from tests.support.needs import needs
from tests.support.server import Server
from tests.support.tables import QUESTION, TABLE

pytestmark = pytest.mark.slow

SHORT = {"name": "gradient_descent", "max_epochs": 1}


def _train(server: Server, **request: str) -> int:
    answer = server.client.post("/train", json={"rows": TABLE, "trainer": SHORT}, headers=request)
    assert answer.status_code == 200, answer.text
    number: int = answer.json()["model_version"]
    return number


def _flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:100])


@pytest.mark.parametrize("damage", [_flip, _cut, Path.unlink], ids=["a bit of it is another", "cut", "gone"])
def test_the_version_before_a_damaged_one_answers_and_trainings_go_on(
    start_server: StartServer, damage: Callable[[Path], None]
) -> None:
    server = start_server()
    assert [_train(server), _train(server)] == [1, 2]
    first = server.client.post("/models/exam-score/versions/1/predict", json=QUESTION)
    checkpoints = sorted(
        (server.store / "models/exam-score/checkpoints").iterdir(), key=lambda path: path.stat().st_mtime
    )
    server.kill()
    damage(checkpoints[-1])

    server.start()

    assert server.client.post("/predict", json=QUESTION).content == first.content
    assert server.client.get("/readyz").status_code == 200
    damaged = server.client.post("/models/exam-score/versions/2/predict", json=QUESTION)
    assert damaged.status_code == 500
    assert "version 2 cannot be used" in damaged.json()["detail"]
    assert _train(server) == 3
    assert server.client.post("/predict", json=QUESTION).json()["model_version"] == 3


@needs("faketime")
def test_a_clock_that_is_set_back_a_day_loses_no_version_no_job_and_no_key(start_server: StartServer) -> None:
    server = start_server(keep_jobs=3)
    assert [_train(server), _train(server, **{"Idempotency-Key": "before"})] == [1, 2]
    before = server.client.get("/models/exam-score/versions/2").json()["created"]
    server.stop()

    with clock_set_to("-1d"):
        server.start()
    assert _train(server) == 3
    assert server.client.get("/models/exam-score/versions/3").json()["created"] < before
    assert _train(server, **{"Idempotency-Key": "before"}) == 2
    newest = server.train(TABLE, "respond-async", trainer=SHORT).json()["job_id"]
    assert server.wait_for(newest, "succeeded")["model_version"] == 4

    assert server.client.get("/jobs").json()["jobs"][0]["job_id"] == newest
    assert server.client.post("/predict", json=QUESTION).json()["model_version"] == 4
