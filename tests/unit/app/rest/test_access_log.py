"""The access log, of a real server: a line for each request but probes, whatever way it was answered; and none if it is off."""

import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.conftest import StartServer
from tests.support.logs import events, requests
from tests.support.server import Server
from tests.support.tables import QUESTION, TABLE
from tests.support.waiting import until

TRACE_ID = "0af7651916cd43dd8448eb211c80319c"


@pytest.mark.slow
def test_each_request_has_its_line(start_server: StartServer) -> None:
    server = start_server(access_log=True)
    server.train(TABLE).raise_for_status()
    answer = server.client.post("/predict", json=QUESTION)  # by the fast path
    server.client.post("/models/exam-score/versions/1/predict?coverage=0.9", json=QUESTION)
    server.client.get("/no%20such%0A%22thing", headers={"traceparent": f"00-{TRACE_ID}-b7ad6b7169203331-01"})
    server.client.head("/models/exam-score/versions/1")

    lines = until(lambda: requests(server)[4:] and requests(server), "the lines are written")
    assert [(line["method"], line["path"], line["status"]) for line in lines] == [
        ("POST", "/train", 200),
        ("POST", "/predict", 200),
        ("POST", "/models/exam-score/versions/1/predict", 200),
        ("GET", '/no such\n"thing', 404),
        ("HEAD", "/models/exam-score/versions/1", 200),
    ]
    assert [(line.get("model_name"), line.get("model_version")) for line in lines[:4]] == [
        ("exam-score", None),
        ("exam-score", 1),
        ("exam-score", 1),
        (None, None),
    ]
    assert lines[1]["request_id"] == answer.headers["x-request-id"]
    assert lines[3]["request_id"] == lines[3]["trace_id"] == TRACE_ID
    for line in lines:
        assert (line["level"], line["event"], line["client"]) == ("info", "request", "127.0.0.1")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["time"])  # RFC 3339
        assert 0 < line["duration_seconds"] < 60


@pytest.mark.slow
def test_what_watches_the_service_leaves_no_lines(start_server: StartServer) -> None:
    server = start_server(access_log=True)
    for path in ("/livez", "/readyz", "/v2/health/live", "/v2/health/ready", "/jobs"):
        server.client.get(path)

    (line,) = until(lambda: requests(server), "the line is written")
    assert line["path"] == "/jobs"


@pytest.mark.slow
def test_of_many_at_once_none_is_forgotten(start_server: StartServer) -> None:
    """Several processes write to the same output; each line is whole."""
    server = start_server(access_log=True, workers=2)
    server.train(TABLE).raise_for_status()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: server.client.post("/predict", json=QUESTION), range(200)))

    lines = until(lambda: requests(server)[200:] and requests(server), "the lines are written")
    told = [line["request_id"] for line in lines if line["path"] == "/predict"]
    assert sorted(told) == sorted(answer.headers["x-request-id"] for answer in answers)
    assert len(set(told)) == 200


@pytest.mark.slow
def test_a_terminal_gets_text(start_server: StartServer) -> None:
    server = start_server(access_log=True, log_format="text")
    server.client.get("/no%20such%0A%22thing", headers={"X-Request-ID": "mine"})

    line = until(lambda: re.search(r"^\S+Z info +GET .*$", server.log, re.MULTILINE), "the line is written")[0]
    assert re.fullmatch(r'\S+ info     GET /no such\\n\\"thing 404 [\d.]+ ms client="127.0.0.1" request_id=mine', line)


def test_it_is_off_unless_it_is_asked_for(server: Server) -> None:
    server.client.get("/jobs")

    assert requests(server) == []
    assert any(event["event"].startswith("Uvicorn running on") for event in events(server))
