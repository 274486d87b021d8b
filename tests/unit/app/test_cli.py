"""The command line."""

import contextlib
import http.client
import os
import subprocess
import time
from pathlib import Path

import pytest

from tests.conftest import StartServer
from tests.support.disks import read_only
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
    assert "usage: scorecast" in (refused.stdout + refused.stderr).lower()


def test_settings_that_cannot_be_used_are_told_in_a_line_each() -> None:
    refused = run("serve", SCORECAST_PORT="http", SCORECAST_LOG_LEVEL="loud")

    assert refused.returncode == 1
    first, *lines = refused.stderr.splitlines()
    assert first == "scorecast: these settings cannot be used"
    assert [line.partition(": ")[0] for line in lines] == ["SCORECAST_PORT", "SCORECAST_LOG_LEVEL"]


@pytest.mark.parametrize("workers", ["1", "2"])
@pytest.mark.parametrize(
    ("store", "reason"), [("file/store", "Not a directory"), ("file", "Not a directory"), ("x" * 300, "too long")]
)
def test_a_store_that_cannot_be_is_told_in_a_sentence(tmp_path: Path, store: str, reason: str, workers: str) -> None:
    (tmp_path / "file").touch()

    refused = run("serve", SCORECAST_STORE=f"{tmp_path}/{store}", SCORECAST_PORT="0", SCORECAST_WORKERS=workers)

    assert refused.returncode == 1
    (told,) = refused.stderr.splitlines()
    assert told.startswith(f"scorecast: SCORECAST_STORE={tmp_path}/{store}: the store cannot be used: ")
    assert reason in told


def test_an_empty_folder_that_cannot_be_written_to_is_told_in_a_sentence(tmp_path: Path) -> None:
    with read_only(tmp_path / "read-only") as folder:
        refused = run("serve", SCORECAST_STORE=str(folder), SCORECAST_PORT="0")

    assert refused.returncode == 1
    (told,) = refused.stderr.splitlines()
    assert "Read-only file system" in told or "Permission denied" in told


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
