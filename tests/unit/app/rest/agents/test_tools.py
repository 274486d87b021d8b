"""An agent's tools, called by the official client over a real server: models, trainings, predictions, extrapolation."""

from collections.abc import Iterator
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from mcp.shared.exceptions import MCPError

from tests.support.agents import MODES, answered, call, list_tools, refused
from tests.support.server import Server
from tests.support.tables import QUESTION, TABLE

ENDLESS = {"name": "gradient_descent", "max_epochs": 10_000_000}
FLOWERS = "width,colour,species\n1,red,a\n2,blue,b\n1.5,red,a\n2.5,blue,b\n1.2,red,a\n2.2,blue,b\n"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that answers agents."""
    server = Server(tmp_path_factory.mktemp("agents"), mcp="true")
    try:
        assert server.train(TABLE).status_code == 200
        yield server
    finally:
        server.close()


@pytest.mark.parametrize("mode", MODES)
def test_the_tools_are_listed_with_schemas_of_what_they_are_sent_and_answer(server: Server, mode: str) -> None:
    tools = {tool.name: tool for tool in list_tools(server, mode)}

    assert list(tools) == [
        *("list_models", "describe_model", "train_model", "read_training", "predict", "explain_extrapolation"),
    ]
    for tool in tools.values():
        assert tool.description
        assert tool.output_schema is not None
        assert tool.annotations is not None
        for schema in (tool.input_schema, tool.output_schema):
            Draft202012Validator.check_schema(schema)
            assert schema["type"] == "object"
        assert tool.annotations.read_only_hint == (tool.name != "train_model")


@pytest.mark.parametrize("mode", MODES)
def test_a_model_is_described_with_units_and_bounds_and_scores_of_unseen_rows(server: Server, mode: str) -> None:
    model = answered(call(server, "describe_model", mode, model_name="exam-score"))

    assert [(each["name"], each["unit"], each["maximum"]) for each in model["features"]] == [
        ("hours_studied", "hours", 24),
        ("hours_slept", "hours", 24),
    ]
    assert model["version"]["model_version"] == model["default_version"]
    assert model["version"]["rows"] == len(TABLE)
    assert model["version"]["unseen_scores"]["score"]["rmse"] > 0


@pytest.mark.parametrize("mode", MODES)
def test_predictions_are_those_of_the_api_with_intervals(server: Server, mode: str) -> None:
    rows = [QUESTION, TABLE[0]]
    same = server.client.post("/predict", json={"rows": rows, "coverage": 0.8}).json()
    csv = "hours_studied,hours_slept\n4,8\n2,9\n"

    assert answered(call(server, "predict", mode, model_name="exam-score", rows=rows, coverage=0.8)) == same
    assert answered(call(server, "predict", mode, model_name="exam-score", csv=csv, coverage=0.8)) == same
    assert same["intervals"][0]["score"]["lower"] < same["predictions"][0]["score"]


def test_a_version_is_asked_by_its_number_and_intervals_may_be_left_out(server: Server) -> None:
    told = answered(call(server, "predict", model_name="exam-score", model_version=1, rows=[QUESTION], coverage=None))

    assert told["model_version"] == 1
    assert "intervals" not in told


def test_what_is_extrapolated_is_explained_with_what_the_training_had(server: Server) -> None:
    rows = [{**QUESTION, "hours_studied": 4}, TABLE[0], {"hours_studied": 0.5, "hours_slept": 6}]
    told = answered(call(server, "explain_extrapolation", model_name="exam-score", rows=[
        {name: row[name] for name in QUESTION} for row in rows
    ]))  # fmt: skip

    found = [(each["row"], each["feature"], each["minimum"], each["maximum"]) for each in told["extrapolated"]]
    assert found == [(0, "hours_studied", 1, 3), (2, "hours_studied", 1, 3)]
    assert "above" in told["extrapolated"][0]["explanation"]
    assert "below" in told["extrapolated"][1]["explanation"]
    assert told["message"].startswith("2 of 3 rows")


@pytest.mark.parametrize("mode", MODES)
def test_a_table_declares_a_model_trains_it_and_its_words_are_explained(server: Server, mode: str) -> None:
    name = f"flowers-{mode}"
    progress: list[float] = []
    trained = answered(
        call(server, "train_model", mode, progress, model_name=name, csv=FLOWERS, targets=["species"], ignore=[])
    )

    assert (trained["status"], trained["version"]["model_version"]) == ("succeeded", 1)
    assert "log_loss" in trained["version"]["unseen_scores"]["species"]
    assert progress == sorted(progress)
    assert name in [each["name"] for each in answered(call(server, "list_models", mode))["models"]]
    columns = answered(call(server, "describe_model", mode, model_name=name))
    assert columns["features"][1]["categories"] == ["blue", "red"]

    row = {"width": 1, "colour": "green"}
    told = answered(call(server, "explain_extrapolation", mode, model_name=name, rows=[row]))
    assert told["extrapolated"][0]["explanation"] == "colour is green, which no training row had"


def test_a_training_that_takes_long_goes_on_and_is_waited_for_again(server: Server) -> None:
    progress: list[float] = []
    job_id = server.begin_training(TABLE, trainer=ENDLESS)

    waiting = answered(call(server, "read_training", "auto", progress, job_id=job_id, wait_seconds=1.5))
    assert (waiting["status"], waiting["version"]) == ("running", None)
    assert "read_training" in waiting["message"]
    assert progress
    assert progress == sorted(progress)

    server.client.post(f"/jobs/{job_id}/cancel")
    assert refused(call(server, "read_training", job_id=job_id)) == "the training was cancelled"


@pytest.mark.parametrize(
    ("tool", "arguments", "told"),
    [
        ("predict", {"rows": [{**QUESTION, "hours_studied": 25}]}, ["row 1", "'hours_studied'", "less than or equal to 24", "/rows/0/hours_studied"]),
        ("predict", {"rows": [QUESTION, {**QUESTION, "hours_slept": "x"}]}, ["row 2", "'hours_slept'", "number", "/rows/1/hours_slept"]),
        ("predict", {"rows": [{**QUESTION, "hours_slept": True}]}, ["row 1", "'hours_slept'", "number"]),
        ("predict", {"rows": [{**QUESTION, "hours_slept": [8]}]}, ["row 1", "'hours_slept'", "/rows/0/hours_slept"]),
        ("predict", {"rows": [{"hours_studied": 4}]}, ["row 1", "'hours_slept'", "is missing"]),
        ("predict", {"rows": [{**QUESTION, "x": 1}]}, ["row 1", "'x'", "not a column"]),
        ("predict", {"rows": [QUESTION], "csv": "a\n1\n"}, ["`rows`", "`csv`"]),
        ("predict", {}, ["`rows`", "`csv`"]),
        ("predict", {"rows": []}, ["'rows'", "at least 1"]),
        ("predict", {"rows": [QUESTION], "coverage": 2}, ["'coverage'", "less than 1"]),
        ("predict", {"rows": [QUESTION], "colour": 2}, ["'colour'", "not a known member"]),
        ("predict", {"csv": ""}, ["empty"]),
        ("predict", {"rows": [QUESTION], "model_version": 99}, ["99"]),
        ("predict", {"rows": [QUESTION], "model_name": "absent"}, ["absent"]),
        ("predict", {"rows": [QUESTION], "model_name": "exam-score/versions/1"}, ["'model_name'", "pattern"]),
        ("train_model", {"rows": [{**TABLE[0], "score": 101}]}, ["row 1", "'score'", "100"]),
        ("train_model", {"rows": TABLE, "seed": -1}, ["'seed'", "0"]),
        ("train_model", {"rows": TABLE, "targets": ["hours_slept"]}, ["predicts score"]),
        ("train_model", {"rows": TABLE, "model_name": "untold"}, ["targets"]),
        ("read_training", {"job_id": "0-0"}, ["0-0"]),
        ("read_training", {"job_id": "../models"}, ["'job_id'", "pattern"]),
        ("explain_extrapolation", {"rows": [{**QUESTION, "hours_studied": -1}]}, ["row 1", "'hours_studied'"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_field_row_and_rule(
    server: Server, tool: str, arguments: dict[str, Any], told: list[str]
) -> None:
    model = {} if tool == "read_training" else {"model_name": "exam-score"}

    reason = refused(call(server, tool, **{**model, **arguments}))

    assert not [each for each in told if each not in reason], reason


def test_a_tool_that_is_not_there_is_answered_with_those_that_are(server: Server) -> None:
    with pytest.raises(MCPError, match="predict"):
        call(server, "bake")
