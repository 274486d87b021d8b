"""Errors: whatever goes wrong is answered with a problem document, and the table says with which status."""

import asyncio
import socket
from collections.abc import Iterator
from http import HTTPStatus

import httpx
import pytest
from fastapi import FastAPI, HTTPException

from app.counts import SharedCounts
from app.errors import FORMER_NAMES, BodyError, InvalidBody, ServiceError
from app.jobs.job import Failure
from app.metrics import Metrics
from app.rest.bodies import MAX_DETAIL_CHARACTERS
from app.rest.problems import install_error_handlers
from app.rest.statuses import HEADERS, STATUSES, failure_problem, to_exception
from tests.conftest import StartServer
from tests.support.logs import complaints
from tests.support.problems import MEMBERS, problem
from tests.support.server import Answer, Server
from tests.support.tables import QUESTION, TABLE
from tests.support.waiting import until

WHAT_IS_RAISED = [kind("why") for kind in STATUSES if kind not in {InvalidBody, MemoryError}]


def answered(error: Exception, method: str = "GET", path: str = "/here") -> Answer:
    """Return the answer of an application whose only route raises this."""
    app = FastAPI()
    install_error_handlers(app, Metrics(SharedCounts.of_one()))

    @app.get("/here")
    async def fail() -> None:
        raise error

    async def ask() -> Answer:
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
            return await client.request(method, path)

    return asyncio.run(ask())


@pytest.mark.parametrize("error", WHAT_IS_RAISED, ids=lambda error: type(error).__name__)
def test_each_kind_of_error_is_answered_with_its_status_and_its_words(error: Exception) -> None:
    answer = answered(error)

    received = problem(answer, STATUSES[type(error)])
    assert received["detail"].startswith("why")
    assert received["errors"] == []
    for name, value in HEADERS.get(type(error), {}).items():
        assert answer.headers[name] == value


def test_a_lack_of_memory_is_told_as_what_may_pass() -> None:
    assert "not enough memory" in problem(answered(MemoryError()), 503)["detail"]


def test_a_subclass_is_answered_as_what_it_is() -> None:
    class Odd(InvalidBody):
        """Another way to be wrong."""

    assert problem(answered(Odd([BodyError("why", "/a/b")])), 422)["errors"] == [{"detail": "why", "pointer": "/a/b"}]


def test_an_error_that_nobody_foresaw_says_nothing_of_what_is_inside() -> None:
    answer = answered(RuntimeError("the password is hunter2"))

    received = problem(answer, 500)
    assert "hunter2" not in answer.text
    assert "log" in received["detail"]
    assert answer.headers["connection"] == "close"


@pytest.mark.parametrize("status", [400, 403, 404, 405, 406, 410, 418, 429, 500, 503])
def test_the_framework_s_own_errors_are_answered_alike_and_keep_their_headers(status: int) -> None:
    answer = answered(HTTPException(status, "why", {"X-Why": "because"}))

    problem(answer, status)
    assert answer.headers["x-why"] == "because"


def test_what_is_not_there_and_what_is_not_allowed_is_named() -> None:
    assert problem(answered(ValueError(), path="/there"), 404)["detail"] == "there is nothing at /there"
    agents = problem(answered(ValueError(), path="/mcp"), 404)
    assert agents["detail"] == "there is nothing at /mcp: agents find tools there if SCORECAST_MCP=true"
    answer = answered(ValueError(), method="DELETE")
    assert problem(answer, 405)["detail"] == "DELETE is not allowed on /here"
    assert answer.headers["allow"] == "GET, HEAD"


@pytest.mark.parametrize("kind", [kind for kind in STATUSES if kind is not InvalidBody], ids=lambda kind: kind.__name__)
def test_what_a_job_failed_of_is_told_later_as_it_would_have_been_at_once(kind: type[Exception]) -> None:
    failure = Failure.of(kind("why"))

    received = failure_problem(failure, "/jobs/7")
    assert list(received) == MEMBERS
    assert (received["status"], received["detail"], received["instance"]) == (STATUSES[kind], "why", "/jobs/7")
    assert type(to_exception(failure)) is kind
    assert str(to_exception(failure)) == "why"


@pytest.mark.parametrize(("name", "kind"), FORMER_NAMES.items())
def test_a_job_that_names_an_error_as_it_was_once_called_is_told_as_it_is_called_now(
    name: str, kind: type[Exception]
) -> None:
    failure = Failure(name, "why")

    assert failure_problem(failure, "/jobs/7")["status"] == STATUSES[kind]
    assert type(to_exception(failure)) is kind


def test_every_error_of_the_service_has_a_status() -> None:
    def leaves(kind: type[Exception]) -> set[type[Exception]]:
        return set().union(*map(leaves, kind.__subclasses__())) or {kind}

    assert {kind for kind in leaves(ServiceError) if kind.__module__ == "app.errors"} <= set(STATUSES)


def test_a_job_that_failed_of_what_nobody_foresaw_is_an_error_of_ours() -> None:
    failure = Failure("KeyError", "why")

    assert failure_problem(failure, "/jobs/7")["status"] == HTTPStatus.INTERNAL_SERVER_ERROR
    assert type(to_exception(failure)) is RuntimeError


LONG = "n" * 60_000
CONTENT = {"json": {"Content-Type": "application/json"}, "csv": {"Content-Type": "text/csv"}}
ECHOES: dict[str, tuple[str, str, bytes | None, dict[str, str]]] = {
    "a name": ("POST", "/predict", b'{"%b": 1}' % LONG.encode(), CONTENT["json"]),
    "many names": ("POST", "/predict", b"{" + b",".join(b'"%0400d":1' % each for each in range(100)) + b"}", CONTENT["json"]),
    "names to be escaped": ("POST", "/predict", b"{" + b",".join(b'"%d%b":1' % (each, b"\\u0001" * 400) for each in range(100)) + b"}", CONTENT["json"]),
    "a key, twice": ("POST", "/predict", b'{"%b": 1, "%b": 2}' % ((LONG.encode(),) * 2), CONTENT["json"]),
    "a name in a row": ("POST", "/train", b'{"rows": [{"%b": 1}]}' % LONG.encode(), CONTENT["json"]),
    "a member of a member": ("POST", "/train", b'{"rows": [{}], "network": {"%b": 1}}' % LONG.encode(), CONTENT["json"]),
    "a deep place": ("POST", "/train", b'{"rows":' * 500 + b'{"a":1,"a":2}' + b"}" * 500, CONTENT["json"]),
    "a column of a table": ("POST", "/predict", b"%b,hours_studied\n1,2\n" % LONG.encode(), CONTENT["csv"]),
    "a path": ("GET", f"/{LONG}", None, {}),
    "a path that is not posted to": ("POST", f"/models/{LONG}", None, {}),
    "a model": ("GET", f"/models/{LONG}", None, {}),
    "a model to train": ("POST", f"/models/{LONG}/train", b"{}", CONTENT["json"]),
    "a job": ("GET", f"/jobs/{LONG}", None, {}),
    "a type": ("POST", "/predict", b"{}", {"Content-Type": LONG}),
    "a coding": ("POST", "/predict", b"{}", {**CONTENT["json"], "Content-Encoding": LONG}),
    "a column to ignore": ("POST", f"/predict?ignore={LONG}", b"x\n1\n", CONTENT["csv"]),
    "many columns to ignore": ("POST", f"/predict?ignore={','.join(map(str, range(9000)))}", b"x\n1\n", CONTENT["csv"]),
    "what to come after": ("GET", f"/models/exam-score/versions?after={LONG}", None, {}),
}  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body", "headers"), ECHOES.values(), ids=ECHOES)
def test_an_error_repeats_only_the_beginning_of_what_is_long(
    server: Server, method: str, path: str, body: bytes | None, headers: dict[str, str]
) -> None:
    answer = server.client.request(method, path, content=body, headers=headers)

    assert 400 <= answer.status_code < 500
    found = problem(answer, answer.status_code)  # which is under 16 KB
    texts = [found["detail"], found["instance"], *(each["detail"] for each in found["errors"])]
    assert max(map(len, texts)) <= MAX_DETAIL_CHARACTERS + 3
    assert LONG[:201] not in answer.text or "?ignore=" in path  # of which so many as there are names may be repeated


ALLOWED = {
    "/train": "POST",
    "/predict": "POST",
    "/models": "GET",
    "/models/exam-score/train": "POST",
    "/models/exam-score/predict": "POST",
    "/models/exam-score/versions": "GET, POST",
    "/models/exam-score/versions/1/predict": "POST",
    "/models/exam-score/versions/1/export": "GET",
    "/jobs": "GET",
    "/jobs/7": "GET",
    "/jobs/7/cancel": "POST",
    "/livez": "GET",
    "/readyz": "GET",
}


@pytest.mark.parametrize(("path", "allowed"), ALLOWED.items())
@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
def test_a_method_that_is_not_for_a_path_is_answered_405_with_those_that_are(
    server: Server, path: str, allowed: str, method: str
) -> None:
    if method in allowed.split(", "):
        return
    answer = server.client.request(method, path)

    problem(answer, 405)
    assert set(allowed.split(", ")) <= set(answer.headers["allow"].split(", "))
    assert method not in answer.headers["allow"].split(", ")


@pytest.mark.parametrize(
    "path",
    ["/nothing", "/train/", "/models/", "/livez/", "/LIVEZ", "/v3/predict", "//", "/%2e%2e/etc/passwd", "/a" * 2000],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_where_there_is_nothing_it_is_answered_404(server: Server, path: str, method: str) -> None:
    problem(server.client.request(method, server.client.base_url.copy_with(raw_path=path.encode())), 404)


@pytest.mark.parametrize("path", [path for path, method in ALLOWED.items() if method == "GET" and path != "/jobs/7"])
def test_head_is_answered_as_get_but_for_the_body(server: Server, path: str) -> None:
    get, head = server.client.get(path), server.client.head(path)

    assert head.status_code == get.status_code == 200
    assert head.content == b""
    assert head.headers["content-type"] == get.headers["content-type"]
    if path != "/jobs":
        assert head.headers["content-length"] == get.headers["content-length"]


def test_head_of_what_is_not_there_or_not_to_be_got_is_an_error_without_a_body(server: Server) -> None:
    for path, status in (("/nothing", 404), ("/predict", 405), ("/models/absent", 404)):
        answer = server.client.head(path)
        assert answer.status_code == status
        assert answer.content == b""
        assert answer.headers["content-type"] == "application/problem+json"


@pytest.fixture
def line(server: Server) -> Iterator[socket.socket]:
    """A connection on which anything can be sent."""
    with socket.create_connection((server.client.base_url.host, server.client.base_url.port or 80), timeout=10) as line:
        yield line


def said(line: socket.socket, data: bytes) -> bytes:
    """Send, and return what is answered first."""
    line.sendall(data)
    return line.recv(65536)


def answered_whole(line: socket.socket) -> tuple[bytes, bytes, bytes]:
    """Return head and body of an answer of a given length."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += line.recv(65536)
    head, between, body = data.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    while len(body) < length:
        body += line.recv(65536)
    return head, between, body


BODY = b'{"hours_studied": 4, "hours_slept": 8}'
POST = b"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"


@pytest.mark.parametrize(
    "headers",
    [
        b"Content-Length: abc",
        b"Content-Length: -5",
        b"Content-Length: +38",
        b"Content-Length: 38, 38",
        b"Content-Length: 3 8",
        b"Content-Length: 1e3",
        b"Content-Length: 0x26",
        b"Content-Length: ",
        b"Content-Length: " + b"9" * 30,
        b"Content-Length: 38\r\nContent-Length: 39",
        b"Content-Length: 38\r\nTransfer-Encoding: chunked",
        b"Transfer-Encoding: gzip",
        b"Transfer-Encoding: chunked, chunked",
        b"No colon",
        b"\xff\xfe: x",
    ],
)
def test_what_is_no_http_is_answered_400_by_the_server_itself(
    server: Server, line: socket.socket, headers: bytes
) -> None:
    answer = said(line, POST + headers + b"\r\n\r\n" + BODY)

    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"application/problem+json" in answer
    assert b"nosniff" in answer
    assert server.client.get("/livez").status_code == 200


def test_a_length_over_the_limit_is_refused_before_anything_is_sent(line: socket.socket) -> None:
    assert said(line, POST + b"Content-Length: 999999999999\r\n\r\n").startswith(b"HTTP/1.1 413 ")


def test_a_client_that_asks_before_it_sends_is_told_to_go_on(line: socket.socket) -> None:
    assert said(line, POST + b"Content-Length: 38\r\nExpect: 100-continue\r\n\r\n").startswith(b"HTTP/1.1 100 ")
    assert said(line, BODY).startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("host", [b"[::1", b"[[[", b"evil.example", b'"><script>', b"x" * 5000, b"\xff"])
def test_a_host_that_is_none_takes_nothing_down(line: socket.socket, host: bytes) -> None:
    for path, status in ((b"/nothing", b"404"), (b"/docs", b"421"), (b"/models/exam-score", b"421")):
        line.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: " + host + b"\r\n\r\n")
        head, _, body = answered_whole(line)

        assert head.startswith(b"HTTP/1.1 %b " % status)
        assert len(body) < 1000


@pytest.mark.slow
@pytest.mark.parametrize("path", [b"/train", b"/predict"])
def test_a_client_that_hangs_up_while_it_sends_is_no_error_of_ours(start_server: StartServer, path: bytes) -> None:
    server = start_server()
    server.train(TABLE, trainer={"name": "gradient_descent", "max_epochs": 1})
    where = (server.client.base_url.host, server.client.base_url.port or 80)

    for _ in range(3):
        with socket.create_connection(where) as line:
            line.sendall(POST.replace(b"/predict", path) + b"Content-Length: 100\r\n\r\n" + BODY)
    server.client.post("/predict", json=QUESTION)

    assert server.stop() in {0, -15}
    assert complaints(server) == []


@pytest.mark.slow
def test_a_client_that_hangs_up_while_it_waits_leaves_its_training_to_go_on(
    server: Server, line: socket.socket
) -> None:
    newest = server.client.get("/jobs?limit=1").json()["jobs"][0]["job_id"]
    body = b'{"rows": [{"hours_studied": 2, "hours_slept": 9, "score": 92}], "trainer": {"name": "gradient_descent", "max_epochs": 20000}}'
    line.sendall(POST.replace(b"/predict", b"/train") + b"Content-Length: %d\r\n\r\n" % len(body) + body)

    def begun() -> str | None:
        jobs = server.client.get("/jobs?limit=1").json()["jobs"]  # none, while the newest one is being written
        job_id: str | None = jobs[0]["job_id"] if jobs else None
        return job_id if job_id != newest else None

    job_id = until(begun, "the job is there")
    line.close()

    assert server.wait_for(job_id, "succeeded")["model_version"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("PATCH", "/models/exam-score", "DELETE, GET, HEAD, PUT"),
        ("POST", "/models/exam-score/versions/1", "DELETE, GET, HEAD"),
        ("GET", "/train", "POST"),
        ("POST", "/docs", "GET, HEAD"),
        ("DELETE", "/models", "GET, HEAD"),
    ],
)
def test_a_method_that_is_not_allowed_is_told_all_that_are(
    server: Server, method: str, path: str, allowed: str
) -> None:
    answer = server.client.request(method, path)

    problem(answer, 405)
    assert answer.headers["allow"] == allowed
