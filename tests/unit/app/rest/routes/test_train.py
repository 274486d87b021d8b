"""POST /train, over a real server: what it answers, when, and every way to ask it wrongly."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.conftest import StartServer
from tests.support.hostile import BIG, MALFORMED, NO_NUMBERS, NO_OBJECTS, labelled, rows
from tests.support.problems import errors, problem
from tests.support.server import Answer, Server
from tests.support.tables import QUESTION, TABLE
from tests.support.waiting import until

JSON = {"Content-Type": "application/json"}
PATHS = ["/train", "/models/exam-score/train"]
QUICK = {"name": "gradient_descent", "max_epochs": 10}
ENDLESS = {"name": "gradient_descent", "max_epochs": 10_000_000}


def post(server: Server, body: bytes, **headers: str) -> Answer:
    return server.client.post("/train", content=body, headers={**JSON, **headers})


@pytest.mark.parametrize("path", PATHS)
def test_a_training_is_answered_with_what_came_of_it(server: Server, path: str) -> None:
    before = server.client.get("/models/exam-score").json()["default_version"]

    answer = server.client.post(path, json={"rows": TABLE, "trainer": QUICK, "seed": 3})

    assert answer.status_code == 200, answer.text
    document = answer.json()
    assert (document["status"], document["model_name"], document["model_version"]) == (
        "succeeded",
        "exam-score",
        before + 1,
    )
    assert (document["epochs"], document["stopped_because"], document["rows"]) == (10, "max_epochs", 3)
    assert set(document["scores"]["score"]) == {"rmse", "mae", "r2"}
    assert document["duration_seconds"] > 0
    job = server.client.get(f"/jobs/{document['job_id']}").json()
    assert (job["status"], job["model_version"]) == ("succeeded", before + 1)


def test_the_new_version_answers_at_once(server: Server) -> None:
    for _ in range(3):
        trained = server.train(TABLE, trainer=QUICK).json()["model_version"]
        assert server.client.post("/predict", json=QUESTION).json()["model_version"] == trained


def test_equal_requests_make_equal_checkpoints_and_another_seed_another(server: Server) -> None:
    def digest(seed: int) -> str:
        version = server.train(TABLE, trainer=QUICK, seed=seed).json()["model_version"]
        found: str = server.client.get(f"/models/exam-score/versions/{version}").json()["sha256"]
        return found

    assert digest(1) == digest(1)
    assert digest(1) != digest(2)


@pytest.mark.parametrize("body", [pytest.param(body, id=name) for name, body in MALFORMED.items()])
def test_what_is_no_json_is_answered_400(server: Server, body: bytes) -> None:
    problem(post(server, body), 400)


@pytest.mark.parametrize("body", [pytest.param(body, id=name) for name, body in NO_OBJECTS.items()])
def test_what_is_no_object_is_answered_422(server: Server, body: bytes) -> None:
    assert errors(post(server, body)) == [("the body: should be an object", "")]


@pytest.mark.parametrize("value", [pytest.param(value, id=name) for name, value in NO_NUMBERS.items()])
def test_what_is_no_number_of_hours_is_named_with_its_row_and_column(server: Server, value: bytes) -> None:
    ((detail, pointer),) = errors(post(server, rows(labelled(), labelled(value))))

    assert detail.startswith("row 2, column 'hours_studied': should be ")
    assert pointer == "/rows/1/hours_studied"


ROWS = b", ".join([labelled(), labelled(b"3")])


@pytest.mark.parametrize(
    ("more", "pointer"),
    [
        (b'"x": 1', "/x"),
        (b'"rows": []', "/rows"),
        (b'"seed": 1.5', "/seed"),
        (b'"seed": -1', "/seed"),
        (b'"seed": true', "/seed"),
        (b'"seed": "1"', "/seed"),
        (b'"seed": null', "/seed"),
        (b'"seed": NaN', "/seed"),
        (b'"seed": 9223372036854775808', "/seed"),
        (b'"seed": ' + BIG, "/seed"),
        (b'"network": null', "/network"),
        (b'"network": []', "/network"),
        (b'"network": {"x": 1}', "/network/x"),
        (b'"network": {"hidden_layers": 3}', "/network/hidden_layers"),
        (b'"network": {"hidden_layers": [0]}', "/network/hidden_layers/0"),
        (b'"network": {"hidden_layers": [4097]}', "/network/hidden_layers/0"),
        (b'"network": {"hidden_layers": [1.5]}', "/network/hidden_layers/0"),
        (b'"network": {"hidden_layers": [NaN]}', "/network/hidden_layers/0"),
        (b'"network": {"hidden_layers": [1,1,1,1,1,1,1,1,1]}', "/network/hidden_layers"),
        (b'"network": {"bias": 0}', "/network/bias"),
        (b'"network": {"activation": "identity"}', "/network/activation"),
        (b'"network": {"activation": null}', "/network/activation"),
        (b'"network": {"output_activation": "relu"}', "/network/output_activation"),
        (b'"network": {"scaling": "none"}', "/network/scaling"),
        (b'"trainer": null', "/trainer"),
        (b'"trainer": "gradient_descent"', "/trainer"),
        (b'"trainer": {"name": "adam"}', "/trainer"),
        (b'"trainer": {"name": NaN}', "/trainer"),
        (b'"trainer": {"name": ["gradient_descent"]}', "/trainer"),
        (b'"trainer": {"name": "gradient_descent", "x": 1}', "/trainer/x"),
        (b'"trainer": {"name": "gradient_descent", "learning_rate": 0}', "/trainer/learning_rate"),
        (b'"trainer": {"name": "gradient_descent", "learning_rate": Infinity}', "/trainer/learning_rate"),
        (b'"trainer": {"name": "gradient_descent", "learning_rate": ' + BIG + b"}", "/trainer/learning_rate"),
        (b'"trainer": {"name": "gradient_descent", "momentum": 1}', "/trainer/momentum"),
        (b'"trainer": {"name": "gradient_descent", "batch_size": 0}', "/trainer/batch_size"),
        (b'"trainer": {"name": "gradient_descent", "max_epochs": 0}', "/trainer/max_epochs"),
        (b'"trainer": {"name": "gradient_descent", "max_epochs": 1e-3}', "/trainer/max_epochs"),
        (b'"trainer": {"name": "gradient_descent", "max_epochs": 100000001}', "/trainer/max_epochs"),
        (b'"trainer": {"name": "gradient_descent", "members": 51}', "/trainer/members"),
        (b'"trainer": {"name": "gradient_descent", "initialisation": "zeros"}', "/trainer/initialisation"),
    ],
)
def test_an_option_that_there_is_not_is_named(server: Server, more: bytes, pointer: str) -> None:
    answer = post(server, b'{"rows": [' + ROWS + b"], " + more + b"}")

    found = errors(answer)
    assert found[0][1] == pointer
    words = answer.text.replace("finite number", "").lower()
    assert "nan" not in words
    assert "inf" not in words


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"network": {"scaling": "standard"}, "trainer": QUICK}, "sigmoid outputs"),
        ({"network": {"hidden_layers": [4096] * 8}}, "parameters together"),
        ({"network": {"hidden_layers": [4096] * 8}, "trainer": {**QUICK, "members": 50}}, "parameters together"),
        ({"network": {"output_activation": "identity"}, "trainer": {**QUICK, "learning_rate": 1e6}}, "diverged"),
        ({"trainer": {**QUICK, "learning_rate": 1e308}}, "diverged"),
    ],
)
def test_options_that_do_not_fit_each_other_are_told_and_publish_nothing(
    server: Server, options: dict[str, Any], words: str
) -> None:
    before = server.client.get("/models/exam-score").json()

    for _ in range(2):
        assert words in problem(server.train(TABLE, **options), 422)["detail"]

    assert server.client.get("/models/exam-score").json() == before


@pytest.mark.parametrize(
    "options",
    [
        {"trainer": {**QUICK, "patience": 10**30}},
        {"trainer": {**QUICK, "batch_size": 10**30}},
        {"trainer": {**QUICK, "batch_size": 2}},
        {"trainer": QUICK, "seed": 2**63 - 1},
        {"trainer": QUICK, "network": {"hidden_layers": []}},
        {"trainer": QUICK, "network": {"hidden_layers": [1] * 8}},
    ],
)
def test_options_at_their_limits_are_taken(server: Server, options: dict[str, Any]) -> None:
    assert server.train(TABLE, **options).status_code == 200


def test_a_table_that_nothing_can_be_learned_from_is_learned_from_all_the_same(server: Server) -> None:
    one = [TABLE[0]]
    alike = [TABLE[0]] * 5
    for table in (one, alike):
        for trainer in (QUICK, {"members": 1, "max_epochs": 5}):
            assert server.train(table, trainer=trainer).status_code == 200
            document = server.client.post("/predict", json=QUESTION).json()
            assert document["interval"] == {"score": None}
    server.train(TABLE, trainer=QUICK)


@pytest.mark.parametrize(
    "prefer", ["respond-async", "Respond-Async", "wait=0", 'wait="0"', "foo=bar, respond-async", "wait=0; x=y"]
)
def test_who_will_not_wait_is_told_where_to_look(server: Server, prefer: str) -> None:
    answer = server.train(TABLE, prefer, trainer=ENDLESS)

    assert answer.status_code == 202
    document = answer.json()
    assert answer.headers["location"] == f"/jobs/{document['job_id']}"
    assert int(answer.headers["retry-after"]) > 0
    assert document["status"] in {"queued", "running"}
    watched = server.client.get(answer.headers["location"]).json()
    assert watched["job_id"] == document["job_id"]
    server.client.post(f"{answer.headers['location']}/cancel")
    server.wait_for(document["job_id"], "cancelled")


@pytest.mark.slow
@pytest.mark.parametrize("prefer", ["wait=1", "respond-async, wait=1"])
def test_who_will_wait_a_while_is_answered_then_at_the_latest(server: Server, prefer: str) -> None:
    began = time.monotonic()

    answer = server.train(TABLE, prefer, trainer=ENDLESS)

    assert answer.status_code == 202
    assert 1 <= time.monotonic() - began < 20
    server.client.post(f"/jobs/{answer.json()['job_id']}/cancel")
    assert server.train(TABLE, prefer, trainer=QUICK).status_code == 200


@pytest.mark.parametrize("prefer", ["wait=x", "wait=-1", "wait", "wait=99999999999", "=", ",,,", "x" * 1000])
def test_a_preference_that_makes_no_sense_is_none(server: Server, prefer: str) -> None:
    assert server.train(TABLE, prefer, trainer=QUICK).status_code == 200


def test_who_waits_for_a_training_that_is_cancelled_is_told_so(server: Server) -> None:
    with ThreadPoolExecutor(1) as waiting:
        newest = server.client.get("/jobs").json()["jobs"][0]["job_id"]
        answer = waiting.submit(server.train, TABLE, trainer=ENDLESS)
        job_id = newest
        while job_id == newest:
            job_id = server.client.get("/jobs").json()["jobs"][0]["job_id"]
        server.wait_for(job_id, "running")
        server.client.post(f"/jobs/{job_id}/cancel")

        assert problem(answer.result(60), 409)["detail"] == "the training was cancelled"


def test_a_model_that_there_is_not_is_answered_404(server: Server) -> None:
    problem(server.client.post("/models/absent/train", json={"rows": TABLE}), 404)
    problem(server.client.post("/models/%2e%2e/train", json={"rows": TABLE}), 404)


@pytest.mark.slow
def test_a_full_queue_is_answered_429_with_when_to_come_again(start_server: StartServer) -> None:
    server = start_server(max_queued_jobs=1)
    job_id = server.begin_training(TABLE, trainer=ENDLESS)

    answer = server.train(TABLE, "respond-async", trainer=QUICK)

    problem(answer, 429)
    assert int(answer.headers["retry-after"]) > 0
    server.client.post(f"/jobs/{job_id}/cancel")
    server.wait_for(job_id, "cancelled")
    until(lambda: server.train(TABLE, trainer=QUICK).status_code == 200, "there is room again")


@pytest.mark.slow
def test_a_training_that_takes_too_long_is_answered_422_with_that_reason(start_server: StartServer) -> None:
    server = start_server(max_train_seconds=0.2)

    assert (
        "longer than the 0.2 seconds allowed (SCORECAST_MAX_TRAIN_SECONDS)"
        in problem(server.train(TABLE, trainer=ENDLESS), 422)["detail"]
    )


def test_trainings_that_come_at_once_all_succeed_with_a_number_each(server: Server) -> None:
    barrier = threading.Barrier(10)

    def train(seed: int) -> int:
        barrier.wait(10)
        answer = server.client.post("/train", json={"rows": TABLE, "trainer": QUICK, "seed": seed})
        assert answer.status_code == 200, answer.text
        return int(answer.json()["model_version"])

    with ThreadPoolExecutor(10) as clients:
        versions = sorted(clients.map(train, range(10)))

    assert versions == list(range(versions[0], versions[0] + 10))
