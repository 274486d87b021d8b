"""The log as an operator has it: the page's sample is what is written, and no value of a row is in it, whatever happens to the row."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import StartServer
from tests.support.logs import events, requests
from tests.support.server import Server
from tests.support.tables import QUESTION, TABLE
from tests.support.waiting import until

PAGE = (Path(__file__).parents[2] / "docs" / "running.md").read_text()
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"

NUMBER, WORD = 918273645.5, "Zauberwort"
MARKS = ("918273645", WORD)
ROWS = [{"colour": WORD if x % 2 else "red", "x": NUMBER + x, "y": x + 0.5} for x in range(12)]
ASKED = {"colour": WORD, "x": NUMBER}
CSV = f"colour,x,y\n{WORD},{NUMBER},1\nred,2,{NUMBER}\n"
TENSORS = [
    {"name": "colour", "datatype": "BYTES", "shape": [1], "data": [WORD]},
    {"name": "x", "datatype": "FP64", "shape": [1], "data": [NUMBER]},
]


def test_the_sample_of_the_page_is_what_is_written(start_server: StartServer) -> None:
    (sample,) = (json.loads(line) for line in re.findall(r"```json\n(.*)\n```", PAGE))
    server = start_server(access_log=True)
    server.train(TABLE).raise_for_status()
    server.client.post("/predict", json=QUESTION, headers={"traceparent": f"00-{TRACE_ID}-b7ad6b7169203331-01"})

    line = until(lambda: next((each for each in requests(server) if each["path"] == "/predict"), None), "it is told")

    assert list(line) == list(sample)
    varying = {"time": None, "duration_seconds": None}
    assert {**line, **varying} == {**sample, **varying}


@pytest.mark.slow
def test_each_training_leaves_a_line_when_it_has_ended(start_server: StartServer) -> None:
    """Also one that has no end of its own, and of a failure the kind alone: its words may quote a row."""
    server = start_server()
    trained = server.client.post("/train", json={"rows": TABLE}, headers={"X-Request-ID": "first"})
    impossible = {"name": "gradient_descent", "learning_rate": 1e300, "max_epochs": 50}
    failed = server.client.post(
        "/train", json={"rows": TABLE, "trainer": impossible}, headers={"X-Request-ID": "second"}
    )
    assert (trained.status_code, failed.status_code) == (200, 422)

    def ended() -> list[dict[str, Any]]:
        return [event for event in events(server) if event["event"] == "a training has ended"]

    first, second = until(lambda: ended()[1:] and ended(), "both are told")
    assert (first["status"], first["request_id"], first["job_id"]) == ("succeeded", "first", trained.json()["job_id"])
    assert (first["model_name"], first["model_version"]) == ("exam-score", 1)
    assert first["duration_seconds"] > 0
    assert (second["status"], second["request_id"], second["error"]) == ("failed", "second", "TrainingFailed")


def ways(server: Server) -> Iterator[tuple[int, Any]]:
    """Send the marked values in every way that a body can be read, and in ways that it cannot; yield statuses."""
    client, text = server.client, {"Content-Type": "text/csv"}
    predict, csv, json_ = "/models/marked/predict", "/models/marked-csv/train?targets=y", "application/json"
    yield 200, client.post("/models/marked/train?targets=y", json={"rows": ROWS})
    yield 200, client.post(csv, content=CSV, headers=text)
    yield 200, client.post("/models/marked-form/train?targets=y", files={"file": ("t.csv", CSV)})
    yield 202, client.post(csv, content=CSV, headers={**text, "Prefer": "respond-async"})
    for body in (ASKED, {"rows": [ASKED]}, {"rows": [{**ASKED, "x": 3}] * 5000}):
        yield 200, client.post(predict, json=body)
    yield 200, client.post(predict, content=f"colour,x\n{WORD},{NUMBER}\n", headers=text)
    yield 200, client.post("/models/marked/check", json={"rows": ROWS})
    yield 200, client.post("/v2/models/marked/infer", json={"inputs": TENSORS})
    yield 200, client.post("/v1/models/marked:predict", json={"instances": [ASKED]})
    yield 422, client.post(predict, json={**ASKED, "x": WORD})
    yield 200, client.post(predict, json={**ASKED, "colour": f"{WORD}-unknown"})
    yield 422, client.post(predict, json={"rows": [{**ASKED, WORD: NUMBER}]})
    yield 422, client.post(f"{predict}?x={NUMBER}&colour={WORD}", json=ASKED)
    yield 400, client.post(predict, content=f'{{"x": {NUMBER}, "{WORD}"', headers={"Content-Type": json_})
    yield 422, client.post(predict, content=f"{WORD};{NUMBER}\n{WORD};{NUMBER}\n", headers=text)
    yield 422, client.post("/models/marked/train", json={"rows": [*ROWS, {**ROWS[0], "x": WORD}]})
    yield 400, client.post("/v2/models/marked/infer", json={"inputs": [{**TENSORS[0], "data": [NUMBER]}]})
    yield 422, client.post("/models/marked/versions/zz/predict", json=ASKED)
    yield (
        400,
        client.post(
            "/models/marked-form/train",
            content=f"--b\r\n{WORD}{NUMBER}",
            headers={"Content-Type": "multipart/form-data; boundary=b"},
        ),
    )


@pytest.mark.slow
def test_no_value_of_a_row_is_in_the_log(start_server: StartServer) -> None:
    server = start_server(access_log=True, log_level="debug")

    sent = 0
    for expected, answer in ways(server):
        assert answer.status_code == expected, (answer.request.url, answer.text)
        sent += 1

    until(lambda: len(requests(server)) >= sent, "all requests are told")
    assert server.stop() == 0
    assert events(server)
    for mark in MARKS:
        assert mark not in server.log
