"""The command line."""

import contextlib
import http.client
import os
import subprocess
import time

import pytest

from tests.conftest import StartServer
from tests.support.server import COMMAND, Server


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def test_help_names_the_commands() -> None:
    shown = run("--help")

    assert shown.returncode == 0
    assert "serve" in shown.stdout


@pytest.mark.parametrize("arguments", [[], ["bake"], ["serve", "--port", "1"]])
def test_what_is_no_command_is_told_how_to_ask(arguments: list[str]) -> None:
    refused = run(*arguments)

    assert refused.returncode == 2
    assert "usage: scorecast" in refused.stderr


def test_settings_that_cannot_be_used_are_told_in_a_line_each() -> None:
    refused = run("serve", SCORECAST_PORT="http", SCORECAST_LOG_LEVEL="loud")

    assert refused.returncode == 1
    first, *lines = refused.stderr.splitlines()
    assert first == "scorecast: these settings cannot be used"
    assert [line.partition(": ")[0] for line in lines] == ["SCORECAST_PORT", "SCORECAST_LOG_LEVEL"]


@pytest.mark.slow
def test_a_port_that_is_taken_is_told_and_whoever_has_it_serves_on(server: Server) -> None:
    taken = str(server.client.base_url.port)
    store = server.store.parent / "other-store"

    refused = run("serve", SCORECAST_PORT=taken, SCORECAST_STORE=str(store))

    assert refused.returncode != 0
    assert "address already in use" in refused.stderr
    assert server.client.get("/livez").status_code == 200


@pytest.mark.slow
def test_port_zero_takes_a_free_one_each_time(server: Server, start_server: StartServer) -> None:
    assert start_server().client.base_url.port != server.client.base_url.port


@pytest.mark.slow
def test_an_idle_connection_outlives_what_clients_keep_theirs_for(server: Server) -> None:
    """So a request is never sent into a connection that the server is just closing: clients drop theirs after 5 s."""
    connection = http.client.HTTPConnection(server.client.base_url.host, server.client.base_url.port or 80)
    connection.auto_open = 0
    connection.connect()
    with contextlib.closing(connection):
        for pause in (0, 6):
            time.sleep(pause)
            connection.request("GET", "/livez")
            assert connection.getresponse().read() == b'{"status":"alive"}'
