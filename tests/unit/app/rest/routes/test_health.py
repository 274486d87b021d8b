"""Probes: alive as long as the process lives, ready once what was published can answer."""

import pytest

from tests.conftest import StartServer
from tests.support.problems import problem
from tests.support.server import Server
from tests.support.tables import QUESTION, TABLE
from tests.support.waiting import until

QUICK = {"name": "gradient_descent", "max_epochs": 10}


def test_a_server_that_runs_is_alive_and_ready(server: Server) -> None:
    assert server.client.get("/livez").json() == {"status": "alive"}
    assert server.client.get("/readyz").json() == {"status": "ready"}


@pytest.mark.slow
def test_a_server_without_any_model_is_ready_to_be_trained(start_server: StartServer) -> None:
    assert start_server().client.get("/readyz").status_code == 200


@pytest.mark.slow
def test_a_server_whose_only_version_is_damaged_is_alive_but_not_ready_until_it_is_trained(
    start_server: StartServer,
) -> None:
    server = start_server()
    server.train(TABLE, trainer=QUICK)
    server.stop()
    (checkpoint,) = (server.store / "models/exam-score/checkpoints").iterdir()
    checkpoint.write_bytes(b"damaged")
    server.start()

    assert server.client.get("/livez").status_code == 200
    answer = server.client.get("/readyz")
    assert "version 1 cannot be used" in problem(answer, 503)["detail"]
    assert answer.headers["retry-after"] == "1"
    problem(server.client.post("/predict", json=QUESTION), 500)

    assert server.train(TABLE, trainer=QUICK).json()["model_version"] == 2
    until(lambda: server.client.get("/readyz").status_code == 200, "it is ready")  # looked at again after two seconds
    assert server.client.post("/predict", json=QUESTION).json()["model_version"] == 2


@pytest.mark.slow
def test_a_model_of_which_no_version_can_be_used_keeps_no_other_from_answering(start_server: StartServer) -> None:
    server = start_server()
    server.train(TABLE, trainer=QUICK)
    rows = {"rows": TABLE, "trainer": QUICK}
    for name in ("spoilt", "spoilt", "forgotten"):
        assert server.client.post(f"/models/{name}/train?targets=score", json=rows).status_code == 200
    assert server.client.delete("/models/forgotten").status_code == 204
    server.stop()
    for checkpoint in (server.store / "models/spoilt/checkpoints").iterdir():
        checkpoint.write_bytes(b"damaged")
    (snapshot, _) = snapshots = sorted((server.store / "models/forgotten/snapshots").iterdir())
    kept = snapshot.read_bytes()
    for path in snapshots:
        path.write_bytes(b"damaged")
    server.start()

    ready = server.client.get("/readyz")
    assert (ready.status_code, ready.json()["warning"]) == (
        200, "2 models have no version that can be used, among them forgotten, spoilt",
    )  # fmt: skip
    assert "scorecast_store_available 1.0" in server.client.get("/metrics").text
    assert server.client.post("/predict", json=QUESTION).status_code == 200
    assert [each["name"] for each in server.client.get("/models").json()["models"]] == ["exam-score", "spoilt"]
    problem(server.client.post("/models/spoilt/predict", json=QUESTION), 500)
    assert "restore one from a backup" in problem(server.client.get("/models/forgotten"), 503)["detail"]

    snapshot.write_bytes(kept)
    assert server.client.post("/models/spoilt/train", json=rows).json()["model_version"] == 3
    until(lambda: server.client.get("/readyz").json() == {"status": "ready"}, "all models can be used")


@pytest.mark.slow
def test_a_store_that_goes_away_takes_no_prediction_down(start_server: StartServer) -> None:
    server = start_server()
    server.train(TABLE, trainer=QUICK)
    before = server.client.post("/predict", json=QUESTION).content

    models = server.store / "models"
    models.rename(server.store / "gone")
    models.symlink_to("models")  # a link to itself: every look at it fails, root's too

    assert server.client.post("/predict", json=QUESTION).content == before
    assert server.client.get("/readyz").status_code == 200
    assert server.client.get("/livez").status_code == 200
    problem(server.train(TABLE, trainer=QUICK), 503)

    models.unlink()
    (server.store / "gone").rename(models)
    assert server.train(TABLE, trainer=QUICK).json()["model_version"] == 2
