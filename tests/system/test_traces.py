"""Traces, as a collector gets them from a real service: each request is a span, and its training is part of the same trace."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.conftest import StartServer
from tests.support.collector import Collector, collecting
from tests.support.logs import events, requests
from tests.support.server import Server
from tests.support.tables import QUESTION, TABLE
from tests.support.waiting import until

TRACE_ID, SPAN_ID = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
CALLER = {"traceparent": f"00-{TRACE_ID}-{SPAN_ID}-01", "tracestate": "rojo=1"}
UNSAMPLED = {"traceparent": f"00-{TRACE_ID}-{SPAN_ID}-00"}

pytestmark = pytest.mark.slow


@pytest.fixture
def collector() -> Iterator[Collector]:
    with collecting() as collector:
        yield collector


@pytest.fixture
def traced(collector: Collector, start_server: StartServer, monkeypatch: pytest.MonkeyPatch) -> Server:
    """A server that sends its spans to the collector, soon."""
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.address)
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "100")
    return start_server(access_log=True)


def test_a_training_is_part_of_the_trace_of_its_request(traced: Server, collector: Collector) -> None:
    answer = traced.client.post("/train", json={"rows": TABLE}, headers=CALLER)

    (trained,) = until(lambda: collector.named("train"), "the training is told")
    (asked,) = until(lambda: collector.named("POST /train"), "the request is told")
    assert (asked.trace_id, asked.parent_id) == (TRACE_ID, SPAN_ID)
    assert (trained.trace_id, trained.parent_id) == (TRACE_ID, asked.span_id)
    assert trained.service == asked.service == "scorecast"
    assert trained.attributes["scorecast.model_name"] == "exam-score"
    assert trained.attributes["scorecast.job_id"] == answer.json()["job_id"]
    assert trained.attributes["scorecast.status"] == "succeeded"
    assert answer.headers["traceresponse"] == f"00-{TRACE_ID}-{asked.span_id}-01"
    ended = until(lambda: [each for each in events(traced) if each["event"] == "a training has ended"], "it is told")
    assert [each["request_id"] for each in ended] == [answer.headers["x-request-id"]]


def test_the_fast_path_is_traced_as_the_ordinary_way_is(traced: Server, collector: Collector) -> None:
    traced.train(TABLE).raise_for_status()
    fast = traced.client.post("/predict", json=QUESTION, headers=CALLER)
    ordinary = traced.client.post("/predict?coverage=0.9", json=QUESTION, headers=CALLER)
    alone = traced.client.post("/models/exam-score/predict", json=QUESTION)

    one, other = until(
        lambda: collector.named("POST /predict")[1:] and collector.named("POST /predict"), "both are told"
    )
    (named,) = until(lambda: collector.named("POST /models/{name}/predict"), "the third is told")
    assert set(one.attributes) == set(other.attributes) - {"url.query"}
    varying = {"url.query", "url.path"}
    assert {k: v for k, v in one.attributes.items() if k not in varying} == {
        k: v for k, v in other.attributes.items() if k not in varying
    }
    assert [span.parent_id for span in (one, other, named)] == [SPAN_ID, SPAN_ID, ""]
    for answer, span in zip((fast, ordinary, alone), (one, other, named), strict=True):
        assert answer.headers["traceresponse"] == f"00-{span.trace_id}-{span.span_id}-01"
    lines = until(lambda: requests(traced)[3:] and requests(traced), "the lines are written")
    assert [line["trace_id"] for line in lines[1:]] == [TRACE_ID, TRACE_ID, named.trace_id]


def test_probes_leave_no_spans_and_a_caller_may_not_want_any(traced: Server, collector: Collector) -> None:
    for path in ("/livez", "/readyz", "/v2/health/live"):
        assert "traceresponse" not in traced.client.get(path).headers
    answer = traced.client.get("/models", headers=UNSAMPLED)
    traced.client.get("/jobs")

    until(lambda: collector.named("GET /jobs"), "what came last is told")
    assert {span.name for span in collector.spans} == {"GET /jobs"}
    assert answer.headers["traceresponse"].startswith(f"00-{TRACE_ID}-")
    assert answer.headers["traceresponse"].endswith("-00")


def test_without_the_variables_there_are_no_spans_but_the_trace_is_told(start_server: StartServer) -> None:
    server = start_server(access_log=True)
    server.train(TABLE).raise_for_status()
    answers = [
        server.client.post("/predict", json=QUESTION, headers=CALLER),
        server.client.post("/predict", json={}, headers=CALLER),
    ]

    for answer in answers:
        assert answer.headers["x-request-id"] == TRACE_ID
        assert answer.headers["traceresponse"].startswith(f"00-{TRACE_ID}-")
        assert answer.headers["traceresponse"].endswith("-00")  # nobody has recorded it
        assert SPAN_ID not in answer.headers["traceresponse"]
    assert answers[1].json()["request_id"] == TRACE_ID
    assert "traceresponse" not in server.client.get("/models").headers
    until(lambda: [each.get("trace_id") for each in requests(server)][1:3] == [TRACE_ID] * 2, "the lines are written")


def test_a_collector_that_is_not_there_holds_nobody_up(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", f"http://127.0.0.1:{deaf.getsockname()[1]}/v1/traces")
        server = start_server()
        server.train(TABLE).raise_for_status()
        assert server.client.post("/predict", json=QUESTION).is_success
        assert server.stop() == 0


def test_variables_that_make_no_sense_are_told_and_the_service_serves(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_TRACES_EXPORTER", "otlp")
    monkeypatch.setenv("OTEL_BSP_MAX_QUEUE_SIZE", "1")
    monkeypatch.setenv("OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "2")
    server = start_server()

    server.train(TABLE).raise_for_status()

    assert any("OTEL_*" in event["event"] for event in events(server))


def test_what_is_not_installed_is_named_and_the_service_serves(tmp_path: pytest.TempPathFactory) -> None:
    hidden = "import sys; sys.modules['opentelemetry.sdk'] = None; from app.tracing import Traces; from app.logs import configure, set_up; "
    started = "set_up(configure('json', 'info')); Traces(is_asked=True).start()"
    done = subprocess.run(
        [sys.executable, "-c", hidden + started], capture_output=True, text=True, check=True, env=dict(os.environ)
    )

    assert "pip install 'scorecast[otel]'" in done.stdout
