"""Keys of requests, at a real server: who has none, or one for something else, is refused, by the same words on every way."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.access import ApiKey, Role, add_key
from app.rest.access import needed_role
from tests.conftest import StartServer
from tests.support.documented import operations
from tests.support.problems import problem
from tests.support.server import Answer, Server
from tests.support.tables import QUESTION, TABLE
from tests.support.waiting import until

NEEDED = {
    Role.TRAIN: {
        *("train", "train_exam_score", "list_jobs", "read_job", "watch_job", "cancel_job"),
        *("read_table", "read_fit", "export_version"),
    },
    Role.ADMIN: {"declare_model", "move_default_version", "delete_version", "delete_model", "upload_version"},
}
PLACES = {"name": "exam-score", "version": "1", "job_id": "0195d2c8a1f0-5e6f7a8b"}


class Guarded:
    """A server with a key of each role, and one for another model alone."""

    def __init__(self, start_server: StartServer, folder: Path) -> None:
        self.file = folder / "keys"
        self.keys = {role.word: self.add(role.word, role) for role in Role}
        for name in ("other", "third"):
            self.keys[name] = self.add(name, Role.ADMIN, frozenset({name}))
        self.server: Server = start_server(api_keys_file=self.file)
        trained = self.ask("POST", "/train", "admin", json={"rows": TABLE})
        assert trained.status_code == 200, trained.text

    def add(self, name: str, role: Role, models: frozenset[str] | None = None) -> str:
        return add_key(str(self.file), lambda digest: ApiKey(name, role, digest, models))

    def ask(self, method: str, path: str, key: str | None, **more: Any) -> Answer:
        headers = {"Authorization": f"Bearer {self.keys.get(key, key)}"} if key else {}
        return self.server.client.request(method, path, headers=headers, **more)


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Guarded]:
    servers: list[Server] = []
    folder = tmp_path_factory.mktemp("guarded")

    def start(**settings: object) -> Server:
        servers.append(Server(folder, **settings))
        return servers[-1]

    try:
        yield Guarded(start, folder)
    finally:
        for server in servers:
            server.close()


def test_every_operation_needs_a_key_of_its_role_but_probes(guarded: Guarded) -> None:
    document = guarded.server.client.get("/openapi.json").json()
    seen: dict[Role, set[str]] = {role: set() for role in Role}
    for operation in operations(document):
        name, path = operation.told["operationId"], operation.path.format(**PLACES)
        if name in {"livez", "readyz", "server_live", "server_ready", "ping"}:
            assert guarded.ask(operation.method, path, None).status_code == 200
            continue
        refused = guarded.ask(operation.method, path, None)
        assert refused.status_code == 401, operation.name
        assert refused.json()["detail"].startswith("this service needs a key")
        assert refused.headers["www-authenticate"] == 'Bearer realm="scorecast"'
        needed = needed_role(name, operation.method.upper(), path)
        seen[needed].add(name)
        for role in Role:
            answer = guarded.ask(operation.method, path, role.word) if role < needed else None
            if answer is not None:
                assert answer.status_code == 403, operation.name
                assert f"this needs the role {needed.word}" in answer.json()["detail"]
    for role, names in NEEDED.items():
        assert seen[role] == names
    assert not any("delete" in name or "declare" in name for name in seen[Role.PREDICT] | seen[Role.TRAIN])


def test_a_key_of_the_role_is_let_through(guarded: Guarded) -> None:
    assert guarded.ask("POST", "/predict", "predict", json=QUESTION).status_code == 200
    assert guarded.ask("GET", "/jobs", "train").status_code == 200
    assert guarded.ask("PUT", "/models/mine", "admin", json={"features": [{"name": "x"}], "targets": [{"name": "y"}]})
    assert guarded.ask("DELETE", "/models/mine", "admin").status_code == 204


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Basic d3Jvbmc="},
        {"Authorization": "Bearer"},
        {"X-API-Key": "wrong"},
        {"X-API-Key": "schlüssel".encode().decode("latin-1")},
        [("Authorization", "Bearer wrong"), ("Authorization", "Bearer wronger")],
    ],
)
def test_the_fast_path_refuses_as_the_ordinary_way_does(guarded: Guarded, headers: Any) -> None:
    sent = httpx.Headers(headers, encoding="latin-1")
    fast = guarded.server.client.post("/predict", json=QUESTION, headers=sent)
    ordinary = guarded.server.client.post("/predict?coverage=0.9", json=QUESTION, headers=sent)

    assert _without_id(fast) == _without_id(ordinary)
    assert fast.status_code == 401
    assert fast.headers["www-authenticate"] == ordinary.headers["www-authenticate"]


def _without_id(answer: Answer) -> dict[str, Any]:
    return {name: value for name, value in answer.json().items() if name != "request_id"}


@pytest.mark.parametrize("header", ["Authorization", "X-API-Key"])
def test_a_key_may_come_in_either_header(guarded: Guarded, header: str) -> None:
    value = guarded.keys["predict"]
    headers = {header: f"Bearer {value}" if header == "Authorization" else value}

    assert guarded.server.client.post("/predict", json=QUESTION, headers=headers).status_code == 200
    assert guarded.server.client.post("/predict?coverage=0.9", json=QUESTION, headers=headers).status_code == 200


def test_a_key_for_other_models_sees_and_does_nothing_here(guarded: Guarded) -> None:
    for path in ("/predict", "/predict?coverage=0.9", "/models/exam-score/predict"):
        refused = guarded.ask("POST", path, "other", json=QUESTION)
        assert "key 'other' is not for model 'exam-score'" in problem(refused, 403)["detail"]
    job_id = guarded.ask("GET", "/jobs", "admin").json()["jobs"][0]["job_id"]
    for path in ("/models/exam-score", f"/jobs/{job_id}", f"/jobs/{job_id}/events", "/v2/models/exam-score"):
        assert guarded.ask("GET", path, "other").status_code == 403
    assert guarded.ask("GET", "/models", "other").json()["models"] == []
    assert guarded.ask("GET", "/jobs", "other").json()["jobs"] == []
    for path in ("/v1/models", "/v2/models"):
        assert guarded.ask("GET", path, "other").json()["models"] == []
    assert guarded.ask("POST", "/v2/repository/index", "other").json() == []
    assert guarded.ask("GET", "/v2/models/stats", "other").json() == {"model_stats": []}
    assert guarded.ask("POST", "/invocations", "other", json={"inputs": [[4, 8]]}).status_code == 403
    refused = problem(guarded.ask("GET", "/metrics", "other"), 403)["detail"]
    assert refused == "key 'other' is for some models: this tells of all of them"
    assert guarded.ask("GET", "/metrics", "predict").status_code == 200


def test_pages_of_jobs_are_whole_and_tell_no_id_of_another_model(guarded: Guarded) -> None:
    table = {"rows": [{"x": 1, "y": 2}, {"x": 2, "y": 3}, {"x": 3, "y": 5}]}
    ours = []
    for path, key, body in 2 * (
        ("/models/third/train?targets=y", "third", table),
        ("/train", "admin", {"rows": TABLE}),
    ):
        job_id = guarded.ask("POST", path, key, json=body).json()["job_id"]
        ours += [job_id] if key == "third" else []
    page = guarded.ask("GET", "/jobs?limit=1", "third").json()
    assert ([job["job_id"] for job in page["jobs"]], page["next"]) == ([ours[1]], ours[1])
    last = guarded.ask("GET", f"/jobs?limit=1&after={page['next']}", "third").json()
    assert ([job["job_id"] for job in last["jobs"]], last["next"]) == ([ours[0]], None)
    assert len(guarded.ask("GET", "/jobs?limit=3", "admin").json()["jobs"]) == 3


@pytest.mark.slow
def test_a_stream_ends_when_its_key_is_withdrawn(guarded: Guarded) -> None:
    watcher = guarded.add("watcher", Role.TRAIN)
    until(lambda: guarded.ask("GET", "/jobs", watcher).status_code == 200, "the new key counts")
    endless = {"rows": TABLE, "trainer": {"name": "gradient_descent", "max_epochs": 10_000_000}}
    headers = {"Authorization": f"Bearer {guarded.keys['admin']}", "Prefer": "respond-async"}
    job_id = guarded.server.client.post("/train", json=endless, headers=headers).json()["job_id"]
    try:
        with guarded.server.client.stream("GET", f"/jobs/{job_id}/events", headers={"X-API-Key": watcher}) as stream:
            lines = stream.iter_lines()
            assert "id: " in next(lines)
            before = guarded.file.read_text().splitlines(keepends=True)
            guarded.file.write_text("".join(line for line in before if not line.startswith("watcher ")))
            said = [line for line in lines if line]
        assert said[-2] == "event: stopping"
        assert "has been withdrawn" in said[-1]
        assert guarded.ask("GET", f"/jobs/{job_id}/events", watcher).status_code == 401
    finally:
        guarded.ask("POST", f"/jobs/{job_id}/cancel", "admin")


def test_a_body_without_a_key_is_not_waited_for(guarded: Guarded) -> None:
    address = guarded.server.client.base_url
    with socket.create_connection((address.host, address.port or 80), timeout=10) as connection:
        head = "POST /train HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100000000"
        connection.sendall(f"{head}\r\n\r\n[".encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 401")


def test_the_page_and_what_documents_the_service_need_none(guarded: Guarded) -> None:
    for path in ("/", "/page/script/main.js", "/docs", "/openapi.json"):
        assert guarded.server.client.get(path).status_code == 200, path


@pytest.mark.slow
def test_a_key_that_is_added_or_removed_counts_without_a_restart(start_server: StartServer, tmp_path: Path) -> None:
    guarded = Guarded(start_server, tmp_path)
    late = guarded.add("late", Role.PREDICT)
    until(lambda: guarded.ask("POST", "/predict", late, json=QUESTION).status_code == 200, "the new key counts")
    lines = guarded.file.read_text().splitlines(keepends=True)
    guarded.file.write_text("".join(line for line in lines if not line.startswith("late ")))
    until(
        lambda: guarded.ask("POST", "/predict", late, json=QUESTION).status_code == 401,
        "the key does not count any more",
    )


@pytest.mark.slow
def test_probes_can_be_closed(start_server: StartServer, tmp_path: Path) -> None:
    add_key(str(tmp_path / "keys"), lambda digest: ApiKey("a", Role.PREDICT, digest))
    server = start_server(api_keys_file=tmp_path / "keys", open_probes=True)
    assert server.client.get("/readyz").status_code == 200
    secret = add_key(str(tmp_path / "keys"), lambda digest: ApiKey("b", Role.PREDICT, digest))
    closed = start_server(api_keys_file=tmp_path / "keys", open_probes=False)
    assert closed.client.get("/readyz").status_code == 401
    assert closed.client.get("/readyz", headers={"X-API-Key": secret}).status_code == 200
