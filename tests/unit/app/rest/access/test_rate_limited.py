"""Requests over the limit of their client, at a real server: refused alike on every way, and told when to come again."""

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient
from starlette.types import Scope

from app.access import ApiKey, Role, add_key
from app.main import create_app
from app.rest.access.clients import name_client
from app.rest.access_log import PROBES
from app.settings import Settings
from tests.conftest import StartServer
from tests.support.problems import problem
from tests.support.server import Answer, Server, running
from tests.support.tables import QUESTION, TABLE

ROLES = {"a": Role.PREDICT, "b": Role.PREDICT, "fast": Role.PREDICT, "slow": Role.PREDICT, "trainer": Role.TRAIN}
STANDING = re.compile(r'"default";r=(\d+);t=(\d+)')


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, dict[str, str]]]:
    """A server whose clients may send four requests an hour, and keys."""
    folder = tmp_path_factory.mktemp("limited")
    keys = {name: add_key(str(folder / "keys"), partial(ApiKey, name, role)) for name, role in ROLES.items()}
    with running(folder, api_keys_file=folder / "keys", max_rate="4/hour") as server:
        trained = server.client.post("/train", json={"rows": TABLE}, headers={"X-API-Key": keys["trainer"]})
        assert trained.status_code == 200, trained.text
        yield server, keys


def standing(answer: Answer) -> tuple[int, int]:
    found = STANDING.fullmatch(answer.headers["ratelimit"])
    assert found is not None, answer.headers["ratelimit"]
    assert answer.headers["ratelimit-policy"] == '"default";q=4;w=3600'
    return int(found[1]), int(found[2])


def test_a_key_has_so_many_requests_and_others_have_theirs(limited: tuple[Server, dict[str, str]]) -> None:
    server, keys = limited
    answers = [server.client.get("/models", headers={"X-API-Key": keys["a"]}) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [200] * 4 + [429] * 2
    assert [standing(answer)[0] for answer in answers] == [3, 2, 1, 0, 0, 0]
    detail = problem(answers[-1], 429)["detail"]
    assert detail.startswith("key 'a' is limited to 4 requests an hour (SCORECAST_MAX_RATE): try again in")
    assert 1 <= int(answers[-1].headers["retry-after"]) == standing(answers[-1])[1] <= 900
    assert server.client.get("/models", headers={"X-API-Key": keys["b"]}).status_code == 200


def test_the_fast_path_counts_and_refuses_as_the_ordinary_way_does(limited: tuple[Server, dict[str, str]]) -> None:
    server, keys = limited

    def ask(key: str, path: str) -> list[Answer]:
        return [
            server.client.post(path, json=QUESTION, headers={"Authorization": f"Bearer {keys[key]}"}) for _ in range(5)
        ]

    fast, ordinary = ask("fast", "/predict"), ask("slow", "/predict?coverage=0.9")
    assert [each.status_code for each in fast] == [each.status_code for each in ordinary] == [200] * 4 + [429]
    assert [standing(each)[0] for each in fast] == [standing(each)[0] for each in ordinary]
    assert _comparable(fast[-1], "fast") == _comparable(ordinary[-1], "slow")


def _comparable(answer: Answer, key: str) -> tuple[dict[str, str], dict[str, Any]]:
    """Return headers and body without what differs in any two requests."""
    document = {name: value for name, value in answer.json().items() if name != "request_id"}
    document["detail"] = re.sub(r"\d+ s$", "", document["detail"].replace(key, "key"))
    varying = {"date", "x-request-id", "content-length", "retry-after", "ratelimit"}
    return {name: value for name, value in answer.headers.items() if name not in varying}, document


def test_who_has_no_key_counts_by_address_and_probes_do_not_count(limited: tuple[Server, dict[str, str]]) -> None:
    server, keys = limited
    wrong = {"Authorization": "Bearer guessed"}
    statuses = [server.client.get("/models", headers=wrong).status_code for _ in range(6)]
    assert statuses[-1] == 429
    assert set(statuses[:-1]) <= {401, 429}
    refused = problem(server.client.post("/predict", json=QUESTION), 429)["detail"]
    assert refused.startswith("requests from this address without a known key are limited to 4 requests an hour")
    for path in ("/metrics", "/metrics/"):
        assert server.client.get(path, headers=wrong).status_code == 429, path  # keys could be tried there
    for path in sorted(PROBES):
        for _ in range(5):
            answer = server.client.get(path, headers={"X-API-Key": keys["b"]} if path == "/metrics" else {})
            assert answer.status_code != 429, path
            assert "ratelimit" not in answer.headers
    assert server.client.get("/models", headers={"X-API-Key": keys["b"]}).status_code == 200


def test_probes_count_where_they_need_a_key_and_have_none(tmp_path: Path) -> None:
    key = add_key(str(tmp_path / "keys"), partial(ApiKey, "a", Role.PREDICT))
    settings = Settings(
        store=str(tmp_path / "store"), api_keys_file=str(tmp_path / "keys"), open_probes=False, max_rate="1/hour"
    )
    with TestClient(create_app(settings), base_url="http://localhost") as client:
        assert [client.get("/ping").status_code for _ in range(2)] == [401, 429]
        assert [client.get("/ping", headers={"X-API-Key": key}).status_code for _ in range(3)] == [200] * 3


def test_nobody_chooses_an_address_unless_a_proxy_is_named(limited: tuple[Server, dict[str, str]]) -> None:
    server, _ = limited
    answers = [server.client.get("/models", headers={"X-Forwarded-For": f"10.0.0.{each}"}) for each in range(5)]
    assert answers[-1].status_code == 429


def test_a_proxy_that_is_named_tells_addresses_and_no_names_of_keys(
    start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "127.0.0.1")
    server = start_server(max_rate="1/hour")
    for told, status in (("10.0.0.1", 200), ("10.0.0.2", 200), ("10.0.0.1", 429), ("key a", 200), ("key b", 429)):
        assert server.client.get("/models", headers={"X-Forwarded-For": told}).status_code == status, told


@pytest.mark.slow
def test_workers_count_together(start_server: StartServer) -> None:
    server = start_server(workers=3, max_rate="30/hour")
    statuses = []
    for _ in range(50):  # the start has asked for probes alone
        with server.new_connections() as client:
            statuses.append(client.get("/models").status_code)

    assert statuses == [200] * 30 + [429] * 20


def test_without_a_limit_nothing_stands_before_the_fast_path(tmp_path: Path) -> None:
    free, limited = (
        create_app(Settings(store=str(tmp_path / "store"), max_rate=rate)).__dict__["_asgi"]
        for rate in (None, "1/second")
    )
    assert type(free).__name__ == "FastPath"
    assert type(limited).__name__ == "RateLimited"


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("10.0.0.1", "address 10.0.0.1"),
        ("2001:db8:1:2:3:4:5:6", "address 2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "address 2001:db8:1:2::/64"),
        ("::ffff:10.0.0.1", "address 10.0.0.1"),
        ("fe80::1%eth0", "address fe80::/64"),
        ("not:an:address", "address unknown"),
        ("key a", "address unknown"),
        ("", "address unknown"),
    ],
)
def test_a_client_without_a_key_is_its_address_or_of_ipv6_its_network(address: str, name: str) -> None:
    scope: Scope = {"client": (address, 1)}
    assert name_client(None, scope) == name
    assert name_client(ApiKey("a", Role.PREDICT, ""), scope) == "key a"
    assert name_client(None, {}) == ""
