"""A store that an earlier version wrote is served, extended and tidied by the code of today."""

import csv
import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import StartServer
from tests.data.make_store import CSV, FLATS, FLATS_ASKED, FLOWERS, FLOWERS_ASKED, KEY, QUESTION, QUESTIONS, STUDENTS
from tests.support.server import Server

pytestmark = pytest.mark.slow

DATA = Path(__file__).parents[1] / "data"
A_CENTURY = 100 * 365 * 24 * 3600.0
"""Seconds: the jobs in the data grow older than the service remembers them by default."""


@pytest.fixture(scope="module", params=["store-0.1"])
def answers(request: pytest.FixtureRequest) -> Any:
    """What the earlier version answered."""
    return json.loads((DATA / request.param / "answers.json").read_text()) | {"folder": DATA / request.param}


@pytest.fixture
def old(answers: Any, tmp_path: Path) -> Iterator[Server]:
    """A server of today over a copy of the earlier version's store."""
    shutil.copytree(answers["folder"] / "store", tmp_path / "store")
    server = Server(tmp_path, keep_jobs_seconds=A_CENTURY)
    yield server
    server.close()


def test_it_predicts_the_same(old: Server, answers: Any) -> None:
    """One row, rows of an older version, a CSV with a missing number and a category, and a classifier."""
    expected = answers["predictions"]
    assert_holds(old.client.post("/predict", json=QUESTION).json(), expected["/predict"])
    by_version = "/models/exam-score/versions/1/predict"
    assert_holds(old.client.post(by_version, json=QUESTIONS).json(), expected[by_version])
    table = old.client.post("/models/flats/predict", content=FLATS_ASKED, headers=CSV).text
    assert_holds(cells(table), cells(expected["/models/flats/predict"]))
    probabilities = old.client.post("/models/flowers/predict", json=FLOWERS_ASKED).json()
    assert_holds(probabilities, expected["/models/flowers/predict"])


def test_it_tells_the_networks_of_old_versions(old: Server) -> None:
    """Of numbers, of categories, and of a classifier, whose answers were those of networks alone."""
    asked = {
        "exam-score": (QUESTION, ["hours_studied", "hours_slept"], ["score"]),
        "flats": (
            {"area": None, "rooms": 3, "district": "north"},
            ["area", "rooms", "district=east", "district=north", "district=south"],
            ["rent"],
        ),
        "flowers": ({"petal": 1.5, "sepal": 5.2}, ["petal", "sepal"], ["setosa", "versicolor"]),
    }
    for name, (row, inputs, outputs) in asked.items():
        network = old.client.get(f"/models/{name}/versions/1/network").json()
        told = old.client.post(f"/models/{name}/versions/1/activations", json=row).json()

        assert (network["inputs"], network["outputs"]) == (inputs, outputs)
        assert set(network["weight"].values()) == {1.0}
        assert len(told["inputs"]) == len(inputs)
        assert [len(values) for values in told["layers"]] == [layer["units"] for layer in network["layers"]]


def test_it_tells_of_models_versions_and_jobs_as_before(old: Server, answers: Any) -> None:
    """Every member is there with the same value; the training that ran when the server was killed has failed."""
    (running,) = [job["job_id"] for job in answers["read"]["/jobs"]["jobs"] if job["status"] == "running"]
    interrupted = old.wait_for(running, "failed")
    assert "error" in interrupted

    for path, expected in answers["read"].items():
        assert_holds(without(running, old.client.get(path).json()), without(running, expected))
    assert old.client.get("/models/exam-score/versions/2").status_code == 404
    assert old.client.get("/models/gone").status_code == 404


def test_a_request_that_was_carried_out_is_not_carried_out_again(old: Server, answers: Any) -> None:
    """Its `Idempotency-Key` is known still, and whether the body is the same."""
    again = old.client.post("/train", json={"rows": STUDENTS}, headers=KEY)
    assert again.json()["model_version"] == 1
    assert again.json()["job_id"] in {job["job_id"] for job in answers["read"]["/jobs"]["jobs"]}
    assert old.client.post("/train", json={"rows": STUDENTS, "seed": 7}, headers=KEY).status_code == 422


def test_its_models_are_extended(old: Server) -> None:
    """The kept rows and the new ones make the next version, which answers from then on."""
    row = {**QUESTION, "score": 95.0}
    trained = old.train([row], extend=True).json()
    assert (trained["status"], trained["model_version"], trained["rows"]) == ("succeeded", 4, 4)
    predicted = old.client.post("/predict", json=QUESTION).json()
    assert predicted["model_version"] == 4
    assert predicted["extrapolated"] == []

    flats = old.client.post("/models/flats/train?extend=true", content=FLATS, headers=CSV).json()
    assert (flats["status"], flats["model_version"], flats["rows"]) == ("succeeded", 2, 24)
    assert old.client.post("/models/flats/predict", content=FLATS_ASKED, headers=CSV).is_success

    refused = old.client.post("/models/flowers/train?extend=true", content=FLOWERS, headers=CSV)
    assert refused.status_code == 409  # its table was not kept


def test_its_versions_go_to_another_server(old: Server, answers: Any, start_server: StartServer) -> None:
    """As the files that they were published as: they have the same digest there, and the same answers."""
    other = start_server()
    for name, body in (("exam-score", QUESTION), ("flowers", FLOWERS_ASKED)):
        for version in old.client.get(f"/models/{name}/versions").json()["versions"][::-1]:
            path = f"/models/{name}/versions/{version['model_version']}"
            file = old.client.get(f"{path}/export").content
            query = {"model_version": version["model_version"]}
            uploaded = other.client.post(f"/models/{name}/versions", files={"checkpoint": file}, params=query)
            assert uploaded.status_code == 201, uploaded.text
            assert uploaded.json()["sha256"] == version["sha256"]
            predicted = [each.client.post(f"{path}/predict", json=body) for each in (old, other)]
            assert predicted[0].is_success
            assert predicted[0].content == predicted[1].content


def assert_holds(answer: Any, earlier: Any) -> None:
    """Check that an answer says all that the earlier one said: numbers to nine digits; members may have been added."""
    if isinstance(earlier, dict):
        for name, value in earlier.items():
            assert_holds(answer[name], value)
    elif isinstance(earlier, list):
        assert len(answer) == len(earlier)
        for ours, theirs in zip(answer, earlier, strict=True):
            assert_holds(ours, theirs)
    elif isinstance(earlier, float):
        assert answer == pytest.approx(earlier, rel=1e-9)
    else:
        assert answer == earlier


def cells(table: str) -> list[list[Any]]:
    """Return the cells of a CSV, numbers as such."""
    return [[number_or_text(cell) for cell in row] for row in csv.reader(table.splitlines())]


def number_or_text(cell: str) -> float | str:
    try:
        return float(cell)
    except ValueError:
        return cell


def without(job_id: str, answer: Any) -> Any:
    """Return an answer, without one job if it is a list of jobs."""
    if "jobs" not in answer:
        return answer
    return {**answer, "jobs": [job for job in answer["jobs"] if job["job_id"] != job_id]}


def test_of_its_tables_it_tells_the_fit_but_nothing_of_unseen_rows(old: Server, answers: Any) -> None:
    fit = old.client.get("/models/exam-score/versions/1/fit").json()

    assert len(fit["predictions"]["score"]) == fit["rows"] == fit["shown"]
    assert (fit["unseen"], fit["judged_by"]) == (None, None)
