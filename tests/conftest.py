"""What all tests may ask for: servers; how many examples property tests try; which tests cannot run on this machine.

An example of a property has no deadline, since other work may share the machine. `make test` tries the same examples
each time, so that what fails is what has changed; `make check` asks for the profile `quick`: a fifth as many, others
each time.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.dose import FIGURE, figures
from tests.support.needs import skip_what_cannot_run
from tests.support.server import Server
from tests.support.tables import TABLE

settings.register_profile("full", deadline=None, derandomize=True)
settings.register_profile("quick", deadline=None, max_examples=20)
settings.load_profile("full")

StartServer = Callable[..., Server]
"""Starts a server with these settings, over a store of its own."""


@pytest.hookimpl(trylast=True)  # when those that were not asked for are gone
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip, by name, what this machine lacks the means for."""
    skip_what_cannot_run(items)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Tell what the tests of faults have done, and with which seeds."""
    reports = [report for kind in ("passed", "failed") for report in terminalreporter.stats.get(kind, [])]
    told = [
        str(value) for report in reports for name, value in getattr(report, "user_properties", []) if name == FIGURE
    ]
    if lines := [*figures, *told]:
        terminalreporter.section("faults")
        terminalreporter.write_line("\n".join(lines))


@pytest.fixture(scope="session")
def shared_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server for all tests of a process."""
    server = Server(tmp_path_factory.mktemp("server"))
    try:
        yield server
    finally:
        server.close()


@pytest.fixture(scope="module")
def server(shared_server: Server) -> Server:
    """The same, trained with the tutorial's table whatever another file's tests have trained last."""
    assert shared_server.train(TABLE).status_code == 200
    return shared_server


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
