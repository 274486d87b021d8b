"""What all tests may ask for: servers; and what a test that cannot run here is document."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.dose import figures
from tests.support.needs import skip_what_cannot_run
from tests.support.server import Server
from tests.support.tables import TABLE

StartServer = Callable[..., Server]
"""Starts a server with these settings, over a store of its own."""


@pytest.hookimpl(trylast=True)  # when those that were not asked for are gone
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, by name, what this machine lacks the means for."""
    skip_what_cannot_run(items)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell what the tests of faults have done, and with which seeds."""
    if figures:
        terminalreporter.section("faults")
        terminalreporter.write_line("\n".join(figures))


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that has been trained with the tutorial's table; tests that share it leave it able to answer."""
    server = Server(tmp_path_factory.mktemp("server"))
    try:
        assert server.train(TABLE).status_code == 200
        yield server
    finally:
        server.close()


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[StartServer]:
    """Starts servers that belong to one test, and leaves none of their processes behind."""
    servers: list[Server] = []

    def start(**settings: object) -> Server:
        folder = tmp_path / f"server-{len(servers)}"
        folder.mkdir()
        servers.append(Server(folder, **settings))
        return servers[-1]

    yield start
    for server in servers:
        server.close()
