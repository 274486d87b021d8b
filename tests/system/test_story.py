"""The story of the service, over HTTP: from nothing to three versions, with a power cut in between."""

from typing import Any

import pytest

from tests.conftest import StartServer
from tests.support.problems import problem
from tests.support.server import Server
from tests.support.tables import QUESTION, TABLE

ENDLESS = {"name": "gradient_descent", "max_epochs": 10_000_000}


def ask(server: Server, path: str = "/predict") -> bytes:
    answer = server.client.post(path, json=QUESTION)
    assert answer.status_code == 200, answer.text
    return answer.content


def versions(server: Server) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = server.client.get("/models/exam-score/versions").json()["versions"]
    return found


def job(server: Server, job_id: str) -> dict[str, Any]:
    found: dict[str, Any] = server.client.get(f"/jobs/{job_id}").json()
    return found


@pytest.mark.slow
def test_what_was_published_outlives_a_power_cut_in_the_middle_of_a_training(start_server: StartServer) -> None:
    server = start_server()

    # It has not been trained: the error says what to do.
    assert server.client.get("/readyz").status_code == 200
    document = problem(server.client.post("/predict", json=QUESTION), 409)
    assert "POST a table to /train first" in document["detail"]
    assert versions(server) == []

    # It is trained as it comes, and answers at once.
    trained = server.client.post("/train", json={"rows": TABLE}).json()
    assert (trained["status"], trained["model_version"], trained["rows"]) == ("succeeded", 1, 3)
    first = ask(server)
    assert b'"model_version":1,' in first

    # A long training runs, another waits behind it, and the power fails.
    running = server.begin_training(TABLE, trainer=ENDLESS)
    waiting = server.train(TABLE, "respond-async").json()["job_id"]
    assert ask(server) == first
    server.kill()

    # Started again, the first version answers with the same bytes; what ran has failed, what waited is trained.
    server.start()
    assert ask(server, "/models/exam-score/versions/1/predict") == first
    assert server.client.get("/readyz").status_code == 200
    interrupted = job(server, running)
    assert (interrupted["status"], interrupted["model_version"]) == ("failed", None)
    assert (interrupted["error"]["status"], interrupted["error"]["detail"]) == (503, "the server that ran it stopped")
    assert server.wait_for(waiting, "succeeded")["model_version"] == 2
    assert job(server, trained["job_id"])["status"] == "succeeded"
    assert [version["model_version"] for version in versions(server)] == [2, 1]

    # A further training makes the third version, which is the default; the first one is still to be had.
    again = server.train(TABLE, seed=1).json()
    assert again["model_version"] == 3
    second = ask(server)
    assert b'"model_version":3,' in second
    assert server.client.get("/models/exam-score").json()["default_version"] == 3
    assert ask(server, "/models/exam-score/versions/1/predict") == first

    # All of it is still so after an orderly stop.
    server.restart()
    assert ask(server) == second
    assert ask(server, "/models/exam-score/versions/1/predict") == first
    assert [version["model_version"] for version in versions(server)] == [3, 2, 1]
    assert job(server, running) == interrupted
