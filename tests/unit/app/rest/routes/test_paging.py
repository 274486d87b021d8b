"""Lists come in pages: `limit` at most, `after` the last one seen, `next` while there are more."""

from typing import Any

import pytest

from tests.conftest import StartServer
from tests.support.server import Server
from tests.support.tables import TABLE

SHORT = {"name": "gradient_descent", "max_epochs": 1}
LISTS = {
    "/jobs": ("jobs", "job_id"),
    "/models": ("models", "name"),
    "/models/exam-score/versions": ("versions", "model_version"),
}
COUNT = 5


@pytest.fixture(scope="module")
def paged(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A server with five of everything."""
    server = Server(tmp_path_factory.mktemp("paged"))
    for _ in range(COUNT):
        server.train(TABLE, trainer=SHORT)
    for name in ("zebra", "apple", "mango", "0"):
        server.client.put(f"/models/{name}", json={"features": [{"name": "x"}], "targets": [{"name": "y"}]})
    yield server
    server.close()


def page(server: Server, path: str, **query: object) -> tuple[list[Any], str | None]:
    """Return the keys on a page, and what comes next."""
    answer = server.client.get(path, params={name: str(value) for name, value in query.items()})
    assert answer.status_code == 200, answer.text
    members, key = LISTS[path]
    return [each[key] for each in answer.json()[members]], answer.json()["next"]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("limit", [1, 2, 5, 1000])
def test_pages_hold_everything_once_and_in_order(paged: Server, path: str, limit: int) -> None:
    everything, following = page(paged, path)
    assert (len(everything), following) == (COUNT, None)
    assert everything == sorted(everything, reverse=path != "/models")

    found, following = page(paged, path, limit=limit)
    while following is not None:
        assert len(found) % limit == 0
        more, following = page(paged, path, limit=limit, after=following)
        assert 0 < len(more) <= limit
        found += more
    assert found == everything


@pytest.mark.parametrize("path", LISTS)
def test_after_the_last_there_is_nothing(paged: Server, path: str) -> None:
    everything, _ = page(paged, path)

    assert page(paged, path, after=everything[-1]) == ([], None)


@pytest.mark.slow
def test_what_is_removed_between_two_pages_hides_nothing(start_server: StartServer) -> None:
    server = start_server()
    for _ in range(3):
        server.train(TABLE, trainer=SHORT)
    server.client.put("/models/exam-score/default-version", json={"model_version": 1})
    path = "/models/exam-score/versions"
    assert page(server, path, limit=1) == ([3], "3")

    for number in (3, 2):
        assert server.client.delete(f"{path}/{number}").status_code == 204

    assert page(server, path, limit=1, after=3) == ([1], None)
    assert page(server, path, limit=1, after=1) == ([], None)


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("query", ["limit=0", "limit=-1", "limit=1001", "limit=all", "limit="])
def test_a_page_that_cannot_be_is_a_problem(paged: Server, path: str, query: str) -> None:
    answer = paged.client.get(f"{path}?{query}")

    assert answer.status_code == 422
    assert "limit" in answer.json()["detail"]


def test_after_what_is_no_number_there_are_no_versions(paged: Server) -> None:
    answer = paged.client.get("/models/exam-score/versions?after=newest")

    assert answer.status_code == 422
    assert "'after'" in answer.json()["detail"]
