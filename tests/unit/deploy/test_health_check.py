"""The image's health check: whatever is asked of clients, it says whether the service lives."""

import socket
from pathlib import Path

from app.access import ApiKey, Role, add_key
from tests.conftest import StartServer
from tests.support.health_check import check_health
from tests.support.server import Server


def test_a_service_that_runs_is_healthy(server: Server) -> None:
    assert check_health(SCORECAST_PORT=str(server.client.base_url.port)) == 0


def test_one_that_wants_a_key_of_probes_and_another_name_is_healthy(start_server: StartServer, tmp_path: Path) -> None:
    add_key(f"{tmp_path}/keys", lambda digest: ApiKey("website", Role.PREDICT, digest))
    server = start_server(api_keys_file=f"{tmp_path}/keys", open_probes="false")

    assert server.client.get("/livez").status_code == 401
    assert check_health(SCORECAST_PORT=str(server.client.base_url.port)) == 0


def test_where_nothing_answers_nothing_is_healthy() -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        assert check_health(SCORECAST_PORT=str(nobody.getsockname()[1])) != 0
