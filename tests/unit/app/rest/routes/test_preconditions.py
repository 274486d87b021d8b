"""Entity tags on models and versions: changes that are meant for one state, answers that are known already."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.support.server import Server, running

SHORT = {"name": "gradient_descent", "max_epochs": 1}
STALE = '"no such state"'
CLIENTS = 8


def declaration(unit: str = "") -> dict[str, list[dict[str, str]]]:
    return {"features": [{"name": "x", "unit": unit}], "targets": [{"name": "y"}]}


def declare(client: httpx.Client, name: str, unit: str = "", **headers: str) -> httpx.Response:
    return client.put(
        f"/models/{name}", json=declaration(unit), headers={k.replace("_", "-"): v for k, v in headers.items()}
    )


def train(server: Server, name: str) -> int:
    answer = server.client.post(
        f"/models/{name}/train", json={"rows": [{"x": 1, "y": 1}, {"x": 2, "y": 3}], "trainer": SHORT}
    )
    assert answer.status_code == 200, answer.text
    return int(answer.json()["model_version"])


def is_refused(answer: httpx.Response) -> None:
    assert answer.status_code == 412, answer.text
    assert answer.headers["content-type"] == "application/problem+json"


@pytest.fixture
def name(server: Server, request: pytest.FixtureRequest) -> str:
    """A model of this test's own, with two versions."""
    name = f"m{abs(hash(request.node.nodeid))}"
    assert declare(server.client, name).status_code == 200
    assert [train(server, name) for _ in range(2)] == [1, 2]
    return name


@pytest.mark.parametrize("path", ["", "/versions/1"])
@pytest.mark.parametrize("known", ["{}", "W/{}", '"other", {}', "*"])
def test_what_is_known_is_not_sent_again(server: Server, name: str, path: str, known: str) -> None:
    first = server.client.get(f"/models/{name}{path}")
    tag = first.headers["ETag"]

    again = server.client.get(f"/models/{name}{path}", headers={"If-None-Match": known.format(tag)})

    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    changed = server.client.get(f"/models/{name}{path}", headers={"If-None-Match": STALE})
    assert changed.json() == first.json()


@pytest.mark.parametrize(
    "change",
    [
        lambda server, name: declare(server.client, name, "cm"),
        lambda server, name: server.client.put(f"/models/{name}/default-version", json={"model_version": 1}),
        train,
        lambda server, name: server.client.delete(f"/models/{name}/versions/1"),
    ],
    ids=["declared anew", "rolled back", "trained", "a version removed"],
)
def test_every_change_of_a_model_is_another_tag(
    server: Server, name: str, change: Callable[[Server, str], object]
) -> None:
    before = server.client.get(f"/models/{name}")
    change(server, name)

    after = server.client.get(f"/models/{name}", headers={"If-None-Match": before.headers["ETag"]})

    assert after.status_code == 200
    assert after.json() != before.json()


def test_a_change_meant_for_another_state_is_refused_and_changes_nothing(server: Server, name: str) -> None:
    before = server.client.get(f"/models/{name}")
    headers = {"If-Match": STALE}

    is_refused(server.client.put(f"/models/{name}", json=declaration("cm"), headers=headers))
    is_refused(server.client.put(f"/models/{name}/default-version", json={"model_version": 1}, headers=headers))
    is_refused(server.client.delete(f"/models/{name}/versions/1", headers=headers))
    is_refused(server.client.delete(f"/models/{name}", headers=headers))

    after = server.client.get(f"/models/{name}")
    assert (after.json(), after.headers["ETag"]) == (before.json(), before.headers["ETag"])


def test_a_change_meant_for_this_state_is_made_and_answers_the_next_tag(server: Server, name: str) -> None:
    tag = server.client.get(f"/models/{name}").headers["ETag"]

    declared = declare(server.client, name, "cm", If_Match=tag)
    assert declared.status_code == 200
    assert declared.headers["ETag"] == server.client.get(f"/models/{name}").headers["ETag"] != tag

    rolled = server.client.put(
        f"/models/{name}/default-version", json={"model_version": 1}, headers={"If-Match": declared.headers["ETag"]}
    )
    assert rolled.status_code == 200
    version = server.client.get(f"/models/{name}/versions/2").headers["ETag"]
    assert server.client.delete(f"/models/{name}/versions/2", headers={"If-Match": version}).status_code == 204
    tag = server.client.get(f"/models/{name}").headers["ETag"]
    assert server.client.delete(f"/models/{name}", headers={"If-Match": f"{STALE}, {tag}"}).status_code == 204


def test_a_star_means_whatever_is_there_but_something(server: Server, name: str) -> None:
    assert declare(server.client, name, "cm", If_Match="*").status_code == 200
    is_refused(declare(server.client, f"{name}-absent", If_Match="*"))
    assert server.client.get(f"/models/{name}-absent").status_code == 404


def test_a_model_can_be_declared_only_if_there_is_none(server: Server, name: str) -> None:
    is_refused(declare(server.client, name, "cm", If_None_Match="*"))
    assert declare(server.client, f"{name}-new", If_None_Match="*").status_code == 200


@pytest.mark.slow
def test_of_many_who_change_the_same_state_at_once_exactly_one_does(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with running(tmp_path_factory.mktemp("workers"), workers=4) as server, server.new_connections() as client:
        tag = declare(client, "raced").headers["ETag"]
        for turn in range(10):

            def put(number: int, turn: int = turn, tag: str = tag) -> httpx.Response:
                return declare(client, "raced", f"{turn} {number}", If_Match=tag)

            with ThreadPoolExecutor(CLIENTS) as clients:
                answers = list(clients.map(put, range(CLIENTS)))
            assert sorted(answer.status_code for answer in answers) == [200] + (CLIENTS - 1) * [412]
            winner = next(answer for answer in answers if answer.status_code == 200)
            now = client.get("/models/raced")
            assert (now.json(), now.headers["ETag"]) == (winner.json(), winner.headers["ETag"])
            tag = now.headers["ETag"]


def test_of_many_who_declare_a_new_model_at_once_exactly_one_does(server: Server) -> None:
    with server.new_connections() as client, ThreadPoolExecutor(CLIENTS) as clients:
        answers = list(clients.map(lambda n: declare(client, "first-come", str(n), If_None_Match="*"), range(CLIENTS)))

    assert sorted(answer.status_code for answer in answers) == [200] + (CLIENTS - 1) * [412]
