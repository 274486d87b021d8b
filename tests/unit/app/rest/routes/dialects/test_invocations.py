"""Invocations, as MLflow's scoring server and SageMaker's containers are asked: every layout gets the same answer."""

import json
from typing import Any

import pytest

from tests.conftest import StartServer
from tests.support.server import Answer, Server

NAMES = ["hours_studied", "hours_slept"]
ROWS = [[4, 8], [2, 6]]
RECORDS = [dict(zip(NAMES, row, strict=True)) for row in ROWS]
BY_COLUMN = {name: [row[place] for row in ROWS] for place, name in enumerate(NAMES)}
CSV = "4,8\n2,6\n"

LAYOUTS: dict[str, Any] = {
    "split": {"dataframe_split": {"index": [0, 1], "columns": NAMES, "data": ROWS}},
    "split in another order": {"dataframe_split": {"columns": NAMES[::-1], "data": [row[::-1] for row in ROWS]}},
    "records": {"dataframe_records": RECORDS},
    "inputs by column": {"inputs": BY_COLUMN},
    "inputs as lists": {"inputs": ROWS},
    "inputs as objects": {"inputs": RECORDS},
    "instances as lists": {"instances": ROWS},
    "instances as objects": {"instances": RECORDS},
    "with parameters of other models": {"instances": ROWS, "params": {"temperature": 0.5}},
}


def invoke(server: Server, body: Any, **headers: str) -> Answer:
    content = body if isinstance(body, str | bytes) else json.dumps(body)
    return server.client.post("/invocations", content=content, headers={"Content-Type": "application/json", **headers})


@pytest.fixture(scope="module")
def expected(server: Server) -> dict[str, Any]:
    """What /predict answers to the same rows."""
    found: dict[str, Any] = server.client.post("/predict", json={"rows": RECORDS, "coverage": 0.8}).json()
    return found


@pytest.mark.parametrize("body", LAYOUTS.values(), ids=LAYOUTS)
def test_every_layout_is_answered_by_values(server: Server, expected: dict[str, Any], body: Any) -> None:
    answer = invoke(server, body)

    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == {"predictions": [each["score"] for each in expected["predictions"]]}


@pytest.mark.parametrize("header", ["hours_studied,hours_slept\n", ""], ids=["header", "no header"])
def test_a_csv_may_have_a_header_and_is_answered_as_is_accepted(
    server: Server, expected: dict[str, Any], header: str
) -> None:
    values = [each["score"] for each in expected["predictions"]]

    plain = invoke(server, header + CSV, **{"Content-Type": "text/csv"})
    lines = invoke(server, header + CSV, **{"Content-Type": "text/csv", "Accept": "text/csv"})

    assert plain.json() == {"predictions": values}
    assert lines.headers["content-type"].startswith("text/csv")
    assert [float(line) for line in lines.text.split()] == values


def test_a_request_as_sagemaker_passes_it_on_is_answered(server: Server, expected: dict[str, Any]) -> None:
    headers = {
        "X-Amzn-SageMaker-Custom-Attributes": "trace=1",
        "X-Amzn-SageMaker-Inference-Id": "7",
        "X-Amzn-SageMaker-Target-Model": "other.tar.gz",
        "Content-Type": "text/csv; charset=utf-8",
        "Accept": "text/csv",
    }

    assert server.client.get("/ping").status_code == 200
    answer = server.client.post("/invocations", content=CSV.rstrip(), headers=headers)

    assert [float(line) for line in answer.text.splitlines()] == [each["score"] for each in expected["predictions"]]


def test_other_tables_are_read_as_everywhere(server: Server, expected: dict[str, Any]) -> None:
    lines = "\n".join(json.dumps(row) for row in RECORDS)

    answer = invoke(server, lines, **{"Content-Type": "application/jsonlines"})

    assert answer.json() == {"predictions": [each["score"] for each in expected["predictions"]]}


def test_what_has_no_content_type_is_json(server: Server) -> None:
    answer = server.client.post("/invocations", content=json.dumps(LAYOUTS["records"]))

    assert len(answer.json()["predictions"]) == 2


@pytest.mark.parametrize("path", ["/invocations", "/v1/models/exam-score:predict"])
def test_a_coverage_asks_for_intervals(server: Server, expected: dict[str, Any], path: str) -> None:
    asked = {"instances": ROWS, "params": {"coverage": 0.8}, "parameters": {"coverage": 0.8}}

    answer = server.client.post(path, json=asked)

    assert answer.json()["predictions"] == [
        {
            "score": predicted["score"],
            "score_lower": interval["score"]["lower"],
            "score_upper": interval["score"]["upper"],
            "extrapolated": bool(outside),
        }
        for predicted, interval, outside in zip(
            expected["predictions"], expected["intervals"], expected["extrapolated"], strict=True
        )
    ]


def test_nan_stands_for_a_missing_value_as_pandas_has_it(server: Server) -> None:
    rows = [{"x": None if x % 4 == 0 else x, "y": 2.5 * x} for x in range(1, 13)]
    server.client.post("/models/frame-gaps/train?targets=y&missing=mean", json={"rows": rows}).raise_for_status()

    answers = [
        server.client.post("/v1/models/frame-gaps:predict", content=f'{{"instances": [[{gap}], [3]]}}').json()
        for gap in ("NaN", "null")
    ]

    assert answers[0] == answers[1]
    assert len(answers[0]["predictions"]) == 2


WRONG = [
    ({}, "one of dataframe_split"),
    ([], "object"),
    ({"inputs": ROWS, "instances": ROWS}, "it has 2"),
    ({"dataframe_split": {"columns": NAMES}}, "missing"),
    ({"dataframe_split": {"columns": ["hours_studied"] * 2, "data": ROWS}}, "twice"),
    ({"dataframe_split": {"columns": NAMES, "data": [[1, 2], [1]]}}, "row 2"),
    ({"dataframe_split": {"columns": ["x", "y"], "data": ROWS}}, "hours_s"),
    ({"dataframe_records": [RECORDS[0], {}]}, "row 2"),
    ({"dataframe_records": [{}]}, "hours_s"),
    ({"inputs": [4, 8]}, "row 1"),
    ({"inputs": {"hours_studied": [1, 2], "hours_slept": [8]}}, "different lengths"),
    ({"inputs": {}}, "different lengths"),
    ({"inputs": "4,8"}, "inputs"),
    ({"instances": [["4", 8]]}, "number"),
    ({"instances": [[[4], 8]]}, "number"),
    ({"instances": [[4, 25]]}, "less than or equal to 24"),
    ({"instances": ROWS, "params": {"coverage": 2}}, "between 0 and 1"),
    ({"instances": ROWS, "params": {"coverage": True}}, "between 0 and 1"),
    ("{", "JSON"),
    ('{"instances": [[NaN, 8]]}', "row 1, column 'hours_studied'"),
    ("", "empty"),
]


@pytest.mark.parametrize(("body", "said"), WRONG)
def test_what_is_wrong_is_400_and_said(server: Server, body: Any, said: str) -> None:
    answer = invoke(server, body)

    assert answer.status_code == 400, answer.text
    assert said in answer.json()["error"]


@pytest.mark.parametrize("row", ["1,2,3\n", "1\n"])
def test_rows_without_a_header_of_another_length_are_told_how_long_they_should_be(server: Server, row: str) -> None:
    answer = invoke(server, row * 2, **{"Content-Type": "text/csv"})

    assert answer.status_code == 400
    assert "a CSV without a header" in answer.json()["error"]


@pytest.mark.parametrize(
    ("body", "media_type", "status"),
    [("1,2,3\n", "text/csv", 400), ("x,y\n1,2\n", "text/csv", 400), ("4 8", "text/plain", 415), (CSV, "text/csv", 200)],
)
def test_what_is_wrong_with_other_bodies_is_told_by_its_status(
    server: Server, body: str, media_type: str, status: int
) -> None:
    assert invoke(server, body, **{"Content-Type": media_type}).status_code == status


@pytest.mark.slow
def test_a_body_may_not_be_larger_than_that_of_a_prediction(start_server: StartServer) -> None:
    server = start_server(max_body_bytes=1000)
    server.train([{"hours_studied": 1, "hours_slept": 2, "score": 50}])

    assert invoke(server, {**LAYOUTS["records"], "x": "x" * 1000}).status_code == 413


def test_pings_are_answered_before_there_is_a_model(start_server: StartServer) -> None:
    server = start_server()

    assert [server.client.get(path).status_code for path in ("/ping", "/health", "/version")] == [200] * 3
    answer = invoke(server, LAYOUTS["records"])
    assert answer.status_code == 409
    assert answer.json()["error"].endswith("POST a table to /train first")


@pytest.mark.slow
def test_the_model_is_the_only_one_or_exam_score_or_the_one_that_is_named(start_server: StartServer) -> None:
    server = start_server()
    rows = [{"hours_studied": x, "hours_slept": x + 1, "word": "few" if x < 6 else "many"} for x in range(12)]
    asked = {"instances": [[1, 2]]}

    def train(name: str) -> None:
        server.client.post(f"/models/{name}/train?targets=word", json={"rows": rows}).raise_for_status()

    train("one")
    assert invoke(server, asked).json() == {"predictions": ["few"]}
    train("two")
    answer = invoke(server, asked)
    assert answer.status_code == 409
    assert "SCORECAST_INVOCATIONS_MODEL" in answer.json()["error"]
    server.train([{"hours_studied": 1, "hours_slept": 2, "score": 50}])
    assert invoke(server, asked).json() == {"predictions": [50]}


@pytest.mark.slow
def test_a_setting_names_the_model(start_server: StartServer) -> None:
    server = start_server(invocations_model="two")

    missing = invoke(server, {"instances": [[1]]})
    server.client.put("/models/two", json={"features": [{"name": "x"}], "targets": [{"name": "y"}]})
    untrained = invoke(server, {"instances": [[1]]})
    server.client.post("/models/two/train", json={"rows": [{"x": 1, "y": 7}]}).raise_for_status()

    assert (missing.status_code, untrained.status_code) == (404, 409)
    assert untrained.json()["error"].endswith("POST a table to /models/two/train first")
    assert invoke(server, {"instances": [[1]]}).json() == {"predictions": [7]}
    assert invoke(server, "1\n", **{"Content-Type": "text/csv", "Accept": "text/csv"}).text == "7.0\n"
