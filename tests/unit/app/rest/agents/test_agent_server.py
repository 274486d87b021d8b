"""What answers agents: it is off unless it is asked for, keeps the service's limits, and ends when the service does."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from app.access import ApiKey, Role, add_key
from tests.conftest import StartServer
from tests.support.agents import MODES, answered, call, list_tools, refused
from tests.support.problems import problem
from tests.support.tables import QUESTION, TABLE
from tests.support.waiting import until

ENDLESS = {"name": "gradient_descent", "max_epochs": 10_000_000}
LIST = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
HEADERS = {"Accept": "application/json, text/event-stream"}

pytestmark = pytest.mark.slow


def test_it_is_off_unless_it_is_asked_for_and_nothing_of_it_is_imported_then(
    start_server: StartServer, tmp_path: Path
) -> None:
    problem(start_server().client.post("/mcp", json=LIST), 404)

    lines = (
        "import sys, app.main; app.main.create_app(); print(*(name for name in sys.modules if name.startswith('mcp')))"
    )
    told = subprocess.run(
        [sys.executable, "-c", lines],
        env={**os.environ, "SCORECAST_STORE": str(tmp_path / "store"), "SCORECAST_MCP": "false"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert told.stdout.strip() == ""


def test_where_its_packages_are_not_installed_the_start_says_what_to_install(tmp_path: Path) -> None:
    lines = "import sys; sys.modules['mcp'] = None; sys.argv = ['scorecast', 'serve']; from app.cli import main; main()"
    told = subprocess.run(
        [sys.executable, "-c", lines],
        env={**os.environ, "SCORECAST_STORE": str(tmp_path / "store"), "SCORECAST_MCP": "true", "SCORECAST_PORT": "0"},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert told.returncode == 1
    assert told.stderr.strip() == (
        "scorecast: SCORECAST_MCP=true needs packages that are not installed: pip install 'scorecast[mcp]'"
    )


def test_hosts_and_pages_of_other_sites_are_refused_as_everywhere(start_server: StartServer) -> None:
    client = start_server(mcp="true", allowed_hosts="scores.example, 127.0.0.1").client
    for headers, status in (
        ({"Host": "evil.example"}, 421),
        ({"Host": "localhost"}, 421),
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Host": "scores.example", "Origin": "http://evil.example"}, 403),
        ({"Content-Type": "text/plain"}, 415),
    ):
        problem(client.post("/mcp", json=LIST, headers=HEADERS | headers), status)
    allowed = {"Host": "scores.example", "Origin": "https://scores.example", "Sec-Fetch-Site": "same-origin"}
    answer = client.post("/mcp", json=LIST, headers=HEADERS | allowed)
    assert answer.status_code == 200
    assert "explain_extrapolation" in answer.text
    for method in ("GET", "DELETE"):
        assert client.request(method, "/mcp").headers["allow"] == "POST"


def test_the_limits_of_requests_are_those_of_tools(start_server: StartServer) -> None:
    """A tool's own request goes through what any other goes through."""
    server = start_server(mcp="true", max_train_body_bytes=100, max_train_seconds=0.3)
    assert "100 bytes" in refused(call(server, "train_model", model_name="exam-score", rows=TABLE))
    few = "hours_studied,hours_slept,score\n2,9,92\n1,5,86\n"
    assert answered(call(server, "train_model", model_name="exam-score", csv=few))["status"] == "succeeded"

    client = server.client
    too_much = problem(
        client.post("/mcp", content=b" " * (1024 * 1024 + 1), headers={"Content-Type": "application/json"}), 413
    )
    assert "bytes" in too_much["detail"]
    many = "hours_studied,hours_slept\n" + "4,8\n" * 20_000
    assert "fewer rows" in refused(call(server, "predict", model_name="exam-score", csv=many))
    small = start_server(mcp="true", max_body_bytes=20)
    problem(small.client.post("/mcp", json=LIST, headers=HEADERS), 413)


@pytest.mark.parametrize("sent", [{}, {"X-Request-ID": "an-agent-7"}])
def test_a_tool_asks_under_the_id_of_the_request_that_it_was_called_by(
    start_server: StartServer, sent: dict[str, str]
) -> None:
    server = start_server(mcp="true", access_log="true", log_format="json")
    params = {"name": "list_models", "arguments": {}}
    answer = server.client.post("/mcp", json={**LIST, "method": "tools/call", "params": params}, headers=HEADERS | sent)
    assert answer.status_code == 200

    until(lambda: '"path":"/mcp"' in server.log, "the request is logged")  # after its answer was sent
    lines = [json.loads(line) for line in server.log.splitlines() if line.startswith("{")]
    ids = {line["path"]: line["request_id"] for line in lines if line.get("event") == "request"}
    assert ids["/mcp"] == ids["/models"] == answer.headers["x-request-id"]
    assert not sent or ids["/mcp"] == "an-agent-7"


def test_what_is_not_a_message_is_refused(start_server: StartServer) -> None:
    server = start_server(mcp="true")
    for body in (b"", b"{", b"[]", b"[" * 100_000, b'{"jsonrpc": "2.0"}', b"\xff", b"9" * 5000):
        for version in ("2025-06-18", "2026-07-28"):
            headers = HEADERS | {"Content-Type": "application/json", "MCP-Protocol-Version": version}
            assert server.client.post("/mcp", content=body, headers=headers).status_code == 400, body[:20]
    assert "Traceback" not in server.log


TOLD = (
    '{"rows": [{"hours_studied": 4, "hours_slept": NaN}]}',
    '{"rows": [{"hours_studied": 4, "hours_slept": 1e999}]}',
    '{"rows": [{"hours_studied": 4, "hours_slept": %s}]}' % ("9" * 400),
    '{"rows": [{"hours_studied": 4, "\\ud800": 1}]}',
    '{"csv": "hours_studied,hours_slept\\n4,\\ud800\\n"}',
    '{"rows": [{"hours_studied": 4, "hours_slept": %s}]}' % ("[" * 500 + "]" * 500),
    '{"model_name": "\\ud800"}',
    '{"colour\\ud800": "\\ud800"}',
)
"""Arguments that no client sends, and that another parser than ours reads first."""


@pytest.mark.parametrize("version", ["2025-06-18", "2026-07-28"])
def test_arguments_that_are_no_json_of_ours_are_refused_in_words(start_server: StartServer, version: str) -> None:
    server = start_server(mcp="true")
    server.train(TABLE)
    head = {"Content-Type": "application/json", "MCP-Protocol-Version": version}
    routed = {"Mcp-Method": "tools/call", "Mcp-Name": "predict"}
    about = {"io.modelcontextprotocol/protocolVersion": version, "io.modelcontextprotocol/clientCapabilities": {}}
    for told in TOLD:
        arguments = told.replace("{", '{"model_name": "exam-score", ', 1)
        body = '{"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "predict", "arguments": %s, "_meta": %s}}'
        answer = server.client.post(
            "/mcp", content=(body % (arguments, json.dumps(about))).encode(), headers=HEADERS | head | routed
        )
        assert answer.status_code in {200, 400}, told[:80]
        assert '"isError":true' in answer.text.replace(" ", "") or answer.status_code == 400, answer.text[:300]
    assert "Traceback" not in server.log


def test_a_tool_does_what_the_callers_key_may(start_server: StartServer, tmp_path: Path) -> None:
    secret = add_key(str(tmp_path / "keys"), lambda digest: ApiKey("agent", Role.PREDICT, digest))
    server = start_server(mcp="true", api_keys_file=tmp_path / "keys")
    arguments = {"model_name": "exam-score", "rows": TABLE}
    called = {**LIST, "method": "tools/call", "params": {"name": "train_model", "arguments": arguments}}
    key = {"Authorization": f"Bearer {secret}"}

    problem(server.client.post("/mcp", json=LIST, headers=HEADERS), 401)
    assert "train_model" in server.client.post("/mcp", json=LIST, headers=HEADERS | key).text
    refused_call = server.client.post("/mcp", json=called, headers=HEADERS | key)
    assert "this needs the role train" in refused_call.text


@pytest.mark.parametrize("mode", MODES)
def test_any_of_several_processes_answers(start_server: StartServer, mode: str) -> None:
    server = start_server(mcp="true", workers=2)
    answered(call(server, "train_model", mode, model_name="exam-score", rows=TABLE))
    for _ in range(6):
        told = answered(call(server, "predict", mode, model_name="exam-score", rows=[QUESTION]))
        assert told["model_version"] == 1
    assert len(list_tools(server, mode)) == 6


@pytest.mark.parametrize("mode", MODES)
def test_a_server_that_stops_answers_those_who_wait(start_server: StartServer, mode: str) -> None:
    server = start_server(mcp="true")
    job_id = server.begin_training(TABLE, trainer=ENDLESS)
    told: list[str] = []
    progress: list[list[float]] = [[], [], []]

    def wait(noted: list[float]) -> None:
        told.append(answered(call(server, "read_training", mode, noted, job_id=job_id, wait_seconds=60))["message"])

    waiting = [threading.Thread(target=wait, args=(noted,)) for noted in progress]
    for each in waiting:
        each.start()
    until(lambda: all(progress), "everyone waits")
    server.process.send_signal(signal.SIGTERM)
    for each in waiting:
        each.join(20)

    assert server.process.wait(20) == 0
    assert [message.partition(":")[0] for message in told] == ["the training goes on"] * 3
    assert "Traceback" not in server.log
