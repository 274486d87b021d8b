"""The command line."""

import contextlib
import http.client
import os
import re
import signal
import ssl
import subprocess
import time
from functools import partial
from hashlib import sha256
from pathlib import Path

import httpx
import pytest

from tests.conftest import StartServer
from tests.support.disks import read_only
from tests.support.health_check import check_health
from tests.support.server import COMMAND, Server
from tests.support.tables import QUESTION, TABLE
from tests.support.waiting import until


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
    assert all(command in shown.stdout for command in ("serve", "keys", "check", "backup", "restore", "train"))


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
    assert "address already in use" in refused.stdout + refused.stderr
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


def test_a_service_that_others_can_reach_does_not_begin_without_keys(tmp_path: Path) -> None:
    refused = run("serve", SCORECAST_HOST="0.0.0.0", SCORECAST_PORT="0", SCORECAST_STORE=str(tmp_path))  # noqa: S104

    assert refused.returncode == 1
    assert "no keys are set" in refused.stderr
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("how", ["anonymous", "keys"])
def test_it_begins_with_keys_or_where_none_are_needed(start_server: StartServer, tmp_path: Path, how: str) -> None:
    assert run("keys", "add", "website", "--file", f"{tmp_path}/keys").returncode == 0
    more = {"allow_anonymous": "true"} if how == "anonymous" else {"api_keys_file": f"{tmp_path}/keys"}

    server = start_server(host="0.0.0.0", **more)  # noqa: S104
    assert server.client.get("/livez").status_code == 200


def test_a_key_is_made_and_printed_and_its_digest_kept(tmp_path: Path) -> None:
    file = tmp_path / "keys"
    made = run("keys", "add", "website", "--role", "train", "--models", "a,b", SCORECAST_API_KEYS_FILE=str(file))
    again = run("keys", "add", "website", "--file", str(file))

    secret = made.stdout.strip()
    assert file.read_text() == f"website train {sha256(secret.encode()).hexdigest()} a,b\n"
    assert again.returncode == 1
    assert "'website' is there twice" in again.stderr


def test_keys_that_cannot_be_read_are_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "keys").write_text("website guest\n")

    refused = run("serve", SCORECAST_API_KEYS_FILE=f"{tmp_path}/keys")
    assert refused.returncode == 1
    assert refused.stderr.startswith(f"scorecast: {tmp_path}/keys: line 1: ")


def test_one_of_two_settings_that_go_together_is_refused() -> None:
    refused = run("serve", SCORECAST_TLS_CERT="cert.pem")

    assert refused.returncode == 1
    assert "SCORECAST_TLS_CERT and SCORECAST_TLS_KEY: set both, or neither" in refused.stderr


@pytest.mark.parametrize(
    ("content", "reason"),
    [(None, "No such file or directory"), ("none", "these are not a certificate and its private key in PEM form")],
)
def test_a_certificate_that_cannot_be_read_is_told_in_a_sentence(
    tmp_path: Path, content: str | None, reason: str
) -> None:
    cert = tmp_path / "cert.pem"
    if content is not None:
        cert.write_text(content)

    refused = run(
        "serve", SCORECAST_TLS_CERT=str(cert), SCORECAST_TLS_KEY=str(cert), SCORECAST_STORE=f"{tmp_path}/store"
    )

    assert refused.returncode == 1
    assert refused.stderr == f"scorecast: SCORECAST_TLS_CERT={cert} and SCORECAST_TLS_KEY={cert}: {reason}\n"
    assert not (tmp_path / "store").exists()


def test_a_certificate_makes_it_speak_https(tmp_path: Path) -> None:
    names = {"cert": f"{tmp_path}/cert.pem", "key": f"{tmp_path}/key.pem"}
    made = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"]
    made += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", names["key"], "-out", names["cert"]]
    subprocess.run(made, check=True, capture_output=True)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SCORECAST_")}
    environment |= {"SCORECAST_TLS_CERT": names["cert"], "SCORECAST_TLS_KEY": names["key"], "SCORECAST_PORT": "0"}
    environment["SCORECAST_STORE"] = f"{tmp_path}/store"
    log = tmp_path / "log"
    with (
        log.open("wb") as output,
        subprocess.Popen([COMMAND, "serve"], env=environment, stdout=output, stderr=output) as process,
    ):
        try:
            url = until(lambda: re.search(r"https://127.0.0.1:[0-9]+", log.read_text()), "it runs")[0]
            trusted = ssl.create_default_context(cafile=names["cert"])
            assert httpx.post(f"{url}/train", json={"rows": TABLE}, verify=trusted).status_code == 200
            assert httpx.post(f"{url}/predict", json=QUESTION, verify=trusted).status_code == 200
            port = url.rpartition(":")[2]
            assert check_health(SCORECAST_PORT=port, SCORECAST_TLS_CERT=names["cert"]) == 0
            assert check_health(SCORECAST_PORT=port) != 0
        finally:
            process.terminate()


@pytest.mark.slow
@pytest.mark.parametrize("workers", [1, 2])
def test_a_file_where_the_service_is_started_is_not_taken_for_the_service(
    start_server: StartServer, tmp_path: Path, workers: int
) -> None:
    """As `app.py` of any web application: it is neither run nor in the way of trainings."""
    for name in ("app.py", "model.py", "json.py"):
        (tmp_path / name).write_text("open('ran', 'w').close()\n")
    with contextlib.chdir(tmp_path):
        server = start_server(workers=workers)

    assert server.train(TABLE).status_code == 200
    assert not (tmp_path / "ran").exists()


@pytest.mark.slow
def test_a_worker_that_takes_the_place_of_another_while_the_keys_are_wrong_comes_up_and_reads_them_when_mended(
    start_server: StartServer, tmp_path: Path
) -> None:
    """Until then it refuses what needs a key; a setting that is misspelt is told when the server starts."""
    file = tmp_path / "keys"
    key = run("keys", "add", "website", "--file", str(file)).stdout.strip()
    server = start_server(api_keys_file=file, workers=2, max_train_second=5)
    right = file.read_text()
    ask = partial(server.new_connections().get, "/models", headers={"X-API-Key": key})
    assert ask().status_code == 200
    assert (
        "SCORECAST_MAX_TRAIN_SECOND is not a setting and is ignored; did you mean SCORECAST_MAX_TRAIN_SECONDS?"
        in server.log
    )

    file.write_text("nonsense")
    until(lambda: "the earlier keys still count" in (server.log if ask().status_code == 200 else ""), "it is noticed")
    os.kill(_worker(server), signal.SIGKILL)
    until(lambda: "all requests that need a key are refused" in server.log, "another one has come")
    until(lambda: ask().status_code == 503, "the new one answers, too")
    assert "Traceback" not in server.log

    file.write_text(right)
    until(lambda: all(ask().status_code == 200 for _ in range(20)), "both have read it")


def _worker(server: Server) -> int:
    """Return one of the processes that serve: those with a connection to the listener."""
    started = re.findall(r"Started server process \[(\d+)\]", server.log)
    return int(started[0])
