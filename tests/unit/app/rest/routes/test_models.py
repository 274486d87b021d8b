"""GET /models and what is below it, over a real server."""

import hashlib
import io
import math
import zipfile

import numpy as np
import pytest

from tests.conftest import StartServer
from tests.support.problems import errors, problem
from tests.support.server import Server
from tests.support.tables import QUESTION, TABLE

QUICK = {"name": "gradient_descent", "max_epochs": 10}


def test_the_built_in_model_is_described(server: Server) -> None:
    listed = server.client.get("/models").json()["models"]
    (model,) = [each for each in listed if each["name"] == "exam-score"]

    assert server.client.get("/models/exam-score").json() == model
    assert [column["name"] for column in model["features"]] == ["hours_studied", "hours_slept"]
    assert [(column["minimum"], column["maximum"]) for column in model["features"]] == [(0, 24)] * 2
    assert [(column["name"], column["maximum"]) for column in model["targets"]] == [("score", 100)]
    assert model["default_version"] == model["versions"] >= 1


def test_versions_are_listed_with_the_newest_first(server: Server) -> None:
    trained = server.train(TABLE, trainer=QUICK).json()

    newest, *older = server.client.get("/models/exam-score/versions").json()["versions"]

    assert newest["model_version"] == trained["model_version"]
    assert [each["model_version"] for each in older] == sorted((each["model_version"] for each in older), reverse=True)
    assert newest["job_id"] == trained["job_id"]
    assert newest["report"]["loss"] == trained["loss"]
    curve = newest["report"]["learning_curve"]
    assert [curve[0][0], curve[-1]] == [0, [10, trained["loss"]]]
    assert server.client.get(f"/models/exam-score/versions/{newest['model_version']}").json() == newest


@pytest.mark.parametrize(
    "path",
    [
        "/models/absent",
        "/models/EXAM-SCORE",
        "/models/exam-score%20",
        "/models/exam-score%0A",
        "/models/%2e%2e",
        "/models/%2e%2e%2fexam-score",
        "/models/..%5c..",
        "/models/%00",
        "/models/%ff%fe",
        "/models/%F0%9F%98%80",
        "/models/'; DROP TABLE models; --",
        "/models/" + "x" * 64,
        "/models/" + "x" * 5000,
        "/models/absent/versions",
        "/models/absent/versions/1",
        "/models/exam-score/versions/2000000",
        "/models/exam-score/versions/" + "9" * 30,
        "/models/exam-score/versions/2000000/export",
    ],
)
def test_what_is_not_there_is_answered_404(server: Server, path: str) -> None:
    raw = path.replace("'", "%27").replace(" ", "%20").replace(";", "%3B").encode()
    answer = server.client.get(server.client.base_url.copy_with(raw_path=raw))

    assert answer.status_code == 404, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 404


@pytest.mark.parametrize("version", ["0", "-1", "x", "1.5", "NaN", "1e3", "%F0%9F%98%80", "9" * 5000])
def test_a_version_that_is_no_number_is_named(server: Server, version: str) -> None:
    ((detail, _),) = errors(server.client.get(f"/models/exam-score/versions/{version}"))

    assert detail.startswith("'version': ")


@pytest.mark.parametrize("kind", ["ONNX", "", "TXT", "pickle", "../txt"])
def test_a_format_that_there_is_not_is_named(server: Server, kind: str) -> None:
    ((detail, _),) = errors(server.client.get("/models/exam-score/versions/1/export", params={"format": kind}))

    assert detail == "'format': should be 'safetensors', 'onnx' or 'txt'"


def test_exported_text_makes_the_same_prediction_with_nothing_but_numpy(server: Server) -> None:
    """As the tutorial would do it, with the tutorial's network."""
    version = server.train(TABLE, trainer=QUICK).json()["model_version"]
    document = server.client.post(f"/models/exam-score/versions/{version}/predict", json=QUESTION).json()

    answer = server.client.get(f"/models/exam-score/versions/{version}/export?format=txt")

    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == f'attachment; filename="exam-score-{version}.zip"'
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        assert archive.namelist() == ["w1.txt", "w2.txt"]
        first, second = (np.loadtxt(archive.open(name), ndmin=2) for name in archive.namelist())
    inputs = np.array([QUESTION["hours_studied"] / 3, QUESTION["hours_slept"] / 9])
    hidden = 1 / (1 + np.exp(-inputs @ first))
    score = 100 / (1 + np.exp(-hidden @ second.reshape(-1)))
    assert math.isclose(score, document["prediction"]["score"], rel_tol=1e-12)


def test_the_exported_checkpoint_is_the_one_that_was_published(server: Server) -> None:
    answer = server.client.get("/models/exam-score/versions/1/export")

    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"] == 'attachment; filename="exam-score-1.safetensors"'
    version = server.client.get("/models/exam-score/versions/1").json()
    assert hashlib.sha256(answer.content).hexdigest() == version["sha256"]


@pytest.mark.slow
def test_a_damaged_checkpoint_is_refused_and_the_version_before_it_answers(start_server: StartServer) -> None:
    own = start_server()
    own.train(TABLE, trainer=QUICK, seed=1)
    before = own.client.post("/predict", json=QUESTION).content
    own.train(TABLE, trainer=QUICK, seed=2)
    own.stop()
    newest = max((own.store / "models/exam-score/checkpoints").iterdir(), key=lambda path: path.stat().st_mtime)
    data = newest.read_bytes()
    newest.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))

    own.start()

    assert own.client.get("/readyz").status_code == 200
    assert own.client.post("/predict", json=QUESTION).content == before
    document = problem(own.client.post("/models/exam-score/versions/2/predict", json=QUESTION), 500)
    assert "version 2 cannot be used: its checkpoint is damaged" in document["detail"]
    problem(own.client.get("/models/exam-score/versions/2/export"), 500)
    assert own.train(TABLE, trainer=QUICK).json()["model_version"] == 3


def test_a_declaration_of_too_many_categories_is_refused_with_the_number(server: Server) -> None:
    kinds = [f"kind-{number}" for number in range(1000)]
    columns = [{"name": f"x{n}", "kind": "category", "categories": kinds} for n in range(51)]
    body = {"features": columns, "targets": [{"name": "y"}]}

    assert (
        "51,000 categories together, of at most 50,000"
        in problem(server.client.put("/models/many", json=body), 413)["detail"]
    )
    body["features"] = columns[:50]
    assert server.client.put("/models/many", json=body).status_code == 200
    server.client.delete("/models/many")
