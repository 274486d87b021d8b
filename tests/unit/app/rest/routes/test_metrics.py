"""GET /metrics of a real server: every prediction and every problem counts once, probes do not, and no client makes labels."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import StartServer
from tests.support.metrics import complaints, difference, number, openmetrics_families, read
from tests.support.needs import needs
from tests.support.server import Server
from tests.support.tables import QUESTION, TABLE
from tests.support.trained import ENDLESS

ROWS = [QUESTION] * 5
INFER = {"inputs": [{"name": "features", "shape": [5, 2], "datatype": "FP64", "data": [4, 8] * 5}]}
INSTANCES = {"instances": ROWS}

PREDICTING: dict[str, tuple[dict[str, Any], int]] = {
    "/predict": ({"rows": ROWS}, 5),
    "/models/{name}/predict": ({"rows": ROWS}, 5),
    "/models/{name}/versions/{version}/predict": ({"rows": ROWS}, 5),
    "/v2/models/{name}/infer": (INFER, 5),
    "/v2/models/{name}/versions/{version}/infer": (INFER, 5),
    "/v1/models/{name}:predict": (INSTANCES, 5),
    "/invocations": (INSTANCES, 5),
}
"""Every path that predicts, with a body, and how many rows it has."""

PREDICTS = re.compile("predict$|infer$|invocations$")


def changed(server: Server, act: Callable[[], object]) -> dict[tuple[str, ...], float]:
    """Return what an act adds to the counters: by name and the values of labels."""
    before = read(server)
    act()
    found = difference(before, read(server))
    return {
        (series.name, *(value for _, value in sorted(series.labels))): by
        for series, by in found.items()
        if series.name.endswith(("_total", "_count")) and not series.name.startswith("process_")
    }


def test_no_path_that_predicts_is_forgotten(server: Server) -> None:
    paths = server.client.get("/openapi.json").json()["paths"]
    predicting = {path for path, item in paths.items() if "post" in item and PREDICTS.search(path)}
    assert predicting == PREDICTING.keys()


@pytest.mark.parametrize("path", PREDICTING)
def test_every_path_counts_an_answer_and_its_rows(server: Server, path: str) -> None:
    body, rows = PREDICTING[path]
    version = server.client.get("/models/exam-score").json()["default_version"]
    address = path.format(name="exam-score", version=version)

    found = changed(server, lambda: server.client.post(address, json=body).raise_for_status())

    widths = found.pop(("scorecast_interval_width_count",), 0)
    assert widths == (0 if body is INSTANCES else rows)
    assert found == {
        ("scorecast_predictions_total",): rows,
        ("scorecast_model_predictions_total", "exam-score"): rows,
        ("scorecast_extrapolated_predictions_total", "hours_studied", "exam-score"): rows,
        ("scorecast_prediction_duration_seconds_count",): 1,
    }


@pytest.mark.parametrize("accept", ["application/json", "text/csv"])
@pytest.mark.parametrize("rows", [1, 40])
def test_so_does_every_form_of_answer_and_the_fast_path(server: Server, accept: str, rows: int) -> None:
    question = {"hours_studied": 2, "hours_slept": 6}
    body = question if rows == 1 else {"rows": [question] * rows}
    headers = {"Accept": accept}

    found = changed(server, lambda: server.client.post("/predict", json=body, headers=headers).raise_for_status())

    assert found == {
        ("scorecast_predictions_total",): rows,
        ("scorecast_model_predictions_total", "exam-score"): rows,
        ("scorecast_interval_width_count",): rows,
        ("scorecast_prediction_duration_seconds_count",): 1,
    }


def test_a_prediction_without_intervals_has_no_widths(server: Server) -> None:
    found = changed(server, lambda: server.client.post("/predict?coverage=null", json=QUESTION).raise_for_status())

    assert ("scorecast_interval_width_count",) not in found
    assert found["scorecast_predictions_total",] == 1


def test_what_only_looks_like_predictions_is_not_counted(server: Server) -> None:
    def look() -> None:
        server.client.post("/models/exam-score/check", json={"rows": TABLE}).raise_for_status()
        server.client.get("/models/exam-score").raise_for_status()

    assert changed(server, look) == {}


@pytest.mark.parametrize(
    ("path", "body", "problem"),
    [
        ("/predict", {"hours_studied": "x", "hours_slept": 8}, "InvalidBody"),
        ("/v2/models/exam-score/infer", {"inputs": []}, "InvalidBody"),
        ("/models/invented-by-a-client/predict", QUESTION, "UnknownModel"),
        ("/v2/models/invented-by-a-client/infer", INFER, "UnknownModel"),
        ("/v1/models/invented-by-a-client:predict", INSTANCES, "UnknownModel"),
        ("/models/exam-score/versions/x/predict", QUESTION, "RequestValidationError"),
        ("/invented/by/a/client", {}, "NotFound"),
        ("/models", {}, "MethodNotAllowed"),
    ],
)
def test_a_request_that_fails_is_counted_by_its_problem_and_as_no_prediction(
    server: Server, path: str, body: dict[str, Any], problem: str
) -> None:
    found = changed(server, lambda: server.client.post(path, json=body))

    assert found == {("scorecast_request_errors_total", problem): 1}
    assert "invented" not in server.client.get("/metrics").text


def test_a_training_that_fails_is_counted_as_a_request_and_as_a_training(server: Server) -> None:
    diverging = {"name": "gradient_descent", "learning_rate": 1e6}
    before = read(server)
    answer = server.train(TABLE, trainer=diverging, network={"output_activation": "identity"})
    assert answer.status_code == 422
    after = read(server)

    found = difference(before, after)
    assert number(found, "scorecast_request_errors_total", problem="TrainingFailed") == 1
    assert number(found, "scorecast_training_failures_total", problem="TrainingFailed") == 1
    assert number(found, "scorecast_training_jobs", status="failed") == 1
    assert number(found, "scorecast_training_duration_seconds_count") == 0


def test_a_training_that_succeeds_is_counted_with_its_duration_and_its_version_is_told(
    start_server: StartServer,
) -> None:
    server = start_server()  # of its own: only so many models have a series
    before = read(server)
    trained = server.train(TABLE, trainer={"name": "gradient_descent", "max_epochs": 10}).json()
    after = read(server)

    found = difference(before, after)
    assert number(found, "scorecast_training_duration_seconds_count") == 1
    assert number(found, "scorecast_training_duration_seconds_sum") == pytest.approx(trained["duration_seconds"])
    assert number(found, "scorecast_training_jobs", status="succeeded") == 1
    assert number(after, "scorecast_model_version", model_name="exam-score") == trained["model_version"]


def test_trainings_are_told_by_their_status(server: Server) -> None:
    endless = {"trainer": {"name": "gradient_descent", "max_epochs": ENDLESS}}
    before = read(server)
    running = server.begin_training(TABLE, **endless)
    queued = server.train(TABLE, "respond-async", **endless).json()["job_id"]
    during = difference(before, read(server))
    for job_id in (queued, running):
        server.client.post(f"/jobs/{job_id}/cancel")
        server.wait_for(job_id, "cancelled")
    after = difference(before, read(server))

    assert number(during, "scorecast_training_jobs", status="running") == 1
    assert number(during, "scorecast_training_jobs", status="queued") == 1
    assert {series.name: by for series, by in after.items() if "_training_" in series.name} == {
        "scorecast_training_jobs": 2
    }


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics", "/ping", "/v2/health/live", "/v2/health/ready"])
def test_probes_are_not_counted(server: Server, path: str) -> None:
    def ask() -> None:
        server.client.get(path).raise_for_status()
        assert server.client.post(path).status_code == 405

    assert changed(server, ask) == {}


@needs("promtool")
def test_promtool_finds_no_fault(server: Server) -> None:
    assert not complaints(server.client.get("/metrics").text)


def test_it_says_that_it_is_ready_and_what_it_is(server: Server) -> None:
    found = read(server)
    assert number(found, "scorecast_ready") == number(found, "scorecast_store_available") == 1
    build = next(series for series in found if series.name == "scorecast_build_info")
    assert dict(build.labels)["version"] in server.client.get("/openapi.json").json()["info"]["version"]


def test_openmetrics_where_that_is_accepted(server: Server) -> None:
    answer = server.client.get("/metrics", headers={"Accept": "application/openmetrics-text; version=1.0.0"})

    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    assert openmetrics_families(answer.text)


@pytest.mark.slow
def test_a_store_that_has_gone_is_told_and_its_jobs_are_not(start_server: StartServer) -> None:
    server = start_server()
    server.train(TABLE).raise_for_status()
    server.client.post("/predict", json=QUESTION).raise_for_status()
    server.store.rename(server.store.with_name("elsewhere"))
    server.client.post("/predict", json=QUESTION).raise_for_status()

    found = read(server)
    assert number(found, "scorecast_store_available") == 0
    assert number(found, "scorecast_ready") == 1
    assert number(found, "scorecast_predictions_total") == 2
    assert not [series for series in found if series.name == "scorecast_training_jobs"]
