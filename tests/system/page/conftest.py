"""What tests of the page share: a browser, a server of its own for each file, and visits."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.support.browsing import Visit, browsing, visiting
from tests.support.server import Server, running

Visiting = Callable[..., AbstractContextManager[Visit]]
"""Opens the page; takes a viewport and a browser context's options."""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with browsing() as browser:
        yield browser


@pytest.fixture(scope="module")
def page_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that the file has for itself: the page shows the models that there are."""
    with running(tmp_path_factory.mktemp("page")) as server:
        yield server


@pytest.fixture
def fresh_server(tmp_path: Path) -> Iterator[Server]:
    """A server on which nothing was trained."""
    with running(tmp_path) as server:
        yield server


@pytest.fixture(scope="module")
def visit(browser: Browser, page_server: Server) -> Visiting:
    """Visits the file's server."""
    return lambda *arguments, **options: visiting(browser, f"{page_server.client.base_url}/", *arguments, **options)


@pytest.fixture
def first_visit(browser: Browser, fresh_server: Server) -> Visiting:
    """Visits a server on which nothing was trained."""
    return lambda *arguments, **options: visiting(browser, f"{fresh_server.client.base_url}/", *arguments, **options)
