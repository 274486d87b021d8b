"""Pages of other sites: those that an operator has named may ask and read, whichever way they are answered; others may not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from pydantic import ValidationError

from app.rest.access.cross_origin import ASKED_HEADERS, METHODS
from app.settings import Settings
from tests.support.problems import problem
from tests.support.server import Server, running
from tests.support.tables import QUESTION, TABLE

NAMED, OTHER = "https://app.example", "https://evil.example"
ROWS = {"rows": TABLE, "trainer": {"name": "gradient_descent", "max_epochs": 1}}
ALLOW = "access-control-allow-origin"


@pytest.fixture(scope="module")
def open_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that pages of one other site may ask."""
    with running(tmp_path_factory.mktemp("server"), cors_origins=f"http://localhost:5173, {NAMED}") as server:
        server.train(TABLE).raise_for_status()
        yield server


def page(site: str) -> dict[str, str]:
    """What a browser says of a page of another site."""
    return {"Origin": site, "Sec-Fetch-Site": "cross-site"}


def preflight(server: Server, site: str, method: str = "POST", headers: str = "content-type") -> httpx.Response:
    asked = {"Origin": site, "Access-Control-Request-Method": method, "Access-Control-Request-Headers": headers}
    return server.client.options("/models/exam-score/train", headers=asked)


@pytest.mark.parametrize("site", [None, NAMED, OTHER, "null", f"{NAMED}:443", f"{NAMED}.evil.example"])
@pytest.mark.parametrize("body", [QUESTION, {**QUESTION, "hours_slept": 99}, {"x": 1}])
def test_both_ways_answer_a_page_with_the_same_headers(open_server: Server, site: str | None, body: object) -> None:
    headers = {"X-Request-ID": "7", **({} if site is None else page(site))}
    ways = [
        open_server.client.post("/predict", json=body, headers={**headers, "Content-Type": kind})
        for kind in ("application/json", "application/json; charset=utf-8")  # the second takes the ordinary route
    ]

    fast, ordinary = (dict(way.headers) for way in ways)

    assert {**fast, "date": ""} == {**ordinary, "date": ""}
    assert ways[0].content == ways[1].content
    assert fast.get(ALLOW) == (NAMED if site == NAMED else None)
    assert fast["vary"] == "Origin"  # so that no cache gives one site's answer to another


@pytest.mark.parametrize("path", ["/models", "/models/unknown", "/jobs/7", "/livez", "/metrics", "/", "/nothing"])
def test_whatever_is_answered_such_a_page_may_read(open_server: Server, path: str) -> None:
    told = open_server.client.get(path, headers=page(NAMED)).headers

    assert told[ALLOW] == NAMED
    assert {"Retry-After", "X-Request-ID"} <= {*told["access-control-expose-headers"].split(", ")}
    assert ALLOW not in open_server.client.get(path, headers=page(OTHER)).headers


@pytest.mark.parametrize("method", METHODS)
def test_a_browser_is_told_what_such_a_page_may_send(open_server: Server, method: str) -> None:
    answer = preflight(open_server, NAMED, method, ", ".join(ASKED_HEADERS).lower())

    assert answer.status_code == 200
    assert answer.headers[ALLOW] == NAMED
    assert method in answer.headers["access-control-allow-methods"]
    assert answer.headers["x-request-id"]


@pytest.mark.parametrize(
    ("site", "method", "headers"),
    [
        (OTHER, "POST", "content-type"),
        (NAMED, "PATCH", "content-type"),
        (NAMED, "POST", "x-other"),
        ("null", "GET", ""),
    ],
)
def test_for_all_else_it_is_refused_as_any_such_request(
    open_server: Server, site: str, method: str, headers: str
) -> None:
    answer = preflight(open_server, site, method, headers)

    problem(answer, 405)
    assert "access-control-allow-methods" not in answer.headers


def test_such_a_page_may_change_something_and_no_other_may(open_server: Server) -> None:
    form: dict[str, Any] = {
        "files": {"file": ("table.csv", b"hours_studied,hours_slept,score\n1,2,3\n2,3,4\n", "text/csv")}
    }

    assert open_server.client.post("/train", json=ROWS, headers=page(NAMED)).status_code == 200
    assert open_server.client.post("/train", headers=page(NAMED), **form).status_code == 200
    for asked in ({"json": ROWS}, form):
        refused = open_server.client.post("/train", headers=page(OTHER), **asked)
        assert "SCORECAST_CORS_ORIGINS" in problem(refused, 403)["detail"]


def test_by_default_no_page_of_another_site_may_read_anything(server: Server) -> None:
    asked = [server.client.get("/models", headers=page(NAMED)), server.client.post("/predict", json=QUESTION, headers=page(NAMED))]  # fmt: skip

    for answer in [*asked, preflight(server, NAMED)]:
        assert not [name for name in answer.headers if name.startswith("access-control-")]
        assert "vary" not in answer.headers


@pytest.mark.parametrize(
    "names",
    ["app.example", f"{NAMED}/", f"{NAMED}/path", "https://App.example", "null", "https://*.example", "https://"],
)
def test_what_is_no_origin_is_refused_at_the_start(names: str) -> None:
    with pytest.raises(ValidationError, match="origin of a page"):
        Settings(cors_origins=names)


def test_every_page_may_ask_only_where_keys_are_asked_for(tmp_path: Path) -> None:
    with pytest.raises(ValidationError, match="set keys"):
        Settings(cors_origins="*")
    assert Settings(cors_origins="*", api_keys_file=str(tmp_path / "keys")).origins == {"*"}
    assert Settings(cors_origins=f" {NAMED} ,http://[::1]:80,").origins == {NAMED, "http://[::1]:80"}


def test_pages_are_shown_in_no_other_page_and_tell_no_one_where_they_were(server: Server) -> None:
    for path in ("/", "/docs"):
        headers = server.client.get(path).headers
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert (headers["x-frame-options"], headers["referrer-policy"]) == ("DENY", "no-referrer")
        assert headers["cross-origin-opener-policy"] == "same-origin"
    assert server.client.get("/models").headers["cross-origin-resource-policy"] == "same-origin"
