"""The application: its documentation, which comes from nowhere else, and a start from nothing."""

import re
import threading
from pathlib import Path

import httpx
import pytest

from app.main import create_app
from app.settings import Settings
from tests.conftest import StartServer
from tests.support.server import Server
from tests.support.tables import TABLE
from tests.support.waiting import until

LINKS = re.compile(r"""(?:src|href|url)\s*[=:]\s*["']([^"']*)["']""")


@pytest.fixture
def links(server: Server) -> list[str]:
    """What the page of documentation refers to, and its script."""
    page = server.client.get("/docs")
    assert page.headers["content-type"].startswith("text/html")
    return LINKS.findall(page.text + server.client.get("/docs/start.js").text)


def test_the_documentation_refers_to_no_other_host(links: list[str]) -> None:
    assert len(links) == 5
    for link in links:
        assert not httpx.URL(link).host, link
        assert not link.startswith("/"), f"{link} is not there behind a proxy that adds to the path"


def test_all_that_the_documentation_refers_to_is_there(server: Server, links: list[str]) -> None:
    kinds = {link.rpartition(".")[2]: server.client.get(server.client.base_url.join(link)) for link in links}

    assert {kind: answer.status_code for kind, answer in kinds.items()} == dict.fromkeys(kinds, 200)
    assert kinds["css"].headers["content-type"].startswith("text/css")
    assert "javascript" in kinds["js"].headers["content-type"]
    assert kinds["json"].json()["info"]["title"] == "Scorecast"


def test_what_it_refers_to_refers_to_no_other_host_either(server: Server, links: list[str]) -> None:
    (css,) = [link for link in links if link.endswith(".css")]

    assert re.findall(r"url\(\s*[\"']?(https?:)?//", server.client.get(f"/{css}").text) == []


def test_an_application_that_is_made_touches_nothing(tmp_path: Path) -> None:
    """Neither disk nor processes nor threads, before it is started."""
    before = set(threading.enumerate())

    create_app(Settings(store=str(tmp_path / "store")))

    assert list(tmp_path.iterdir()) == []
    until(lambda: set(threading.enumerate()) <= before, "no thread is left")


def test_the_path_of_a_proxy_is_named_and_not_matched(start_server: StartServer) -> None:
    server = start_server(root_path="/scores")
    begun = server.client.post("/train", json={"rows": TABLE}, headers={"Prefer": "respond-async"})

    assert begun.headers["location"] == f"/scores/jobs/{begun.json()['job_id']}"
    assert server.client.get("/openapi.json").json()["servers"] == [{"url": "/scores"}]
    assert server.client.get("/scores/livez").status_code == 404
    assert server.client.get("/livez").status_code == 200


def test_without_a_proxy_no_path_is_named(server: Server) -> None:
    assert "servers" not in server.client.get("/openapi.json").json()
