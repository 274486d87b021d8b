"""A server that may open no more files says so (503): it tells nothing as missing, untrained or failed."""

import resource
import socket
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from app.registry import BUILT_IN
from app.registry.registry import Registry
from app.store.disk import DiskStore
from tests.conftest import StartServer
from tests.support.server import Server
from tests.support.tables import QUESTION, TABLE
from tests.support.trained import publish
from tests.support.waiting import until

pytestmark = pytest.mark.slow

SHORT = {"name": "gradient_descent", "max_epochs": 1}
ENDLESS = {"name": "gradient_descent", "max_epochs": 10_000_000}


@contextmanager
def out_of_descriptors(server: Server) -> Iterator[None]:
    """Have so many clients connect that the server's process may open no other file."""
    pid, address = server.process.pid, (server.client.base_url.host, server.client.base_url.port)
    limits = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (128, limits[1]))
    with ExitStack() as connections:
        for _ in range(140):
            connections.enter_context(socket.create_connection(address))
        until(lambda: _opened(pid) >= 128, "all its descriptors are in use")
        try:
            yield
        finally:
            resource.prlimit(pid, resource.RLIMIT_NOFILE, limits)


def _opened(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def test_what_cannot_be_looked_up_is_unavailable_and_right_again_afterwards(start_server: StartServer) -> None:
    server = start_server()
    assert server.train(TABLE, trainer=SHORT).status_code == 200
    job_id = server.begin_training(TABLE, trainer=ENDLESS)
    server.restart()  # so that no version but the default is in memory
    other = Registry(DiskStore(str(server.store)), BUILT_IN)
    other.declare("other", BUILT_IN["exam-score"])
    publish(other, name="other")  # a moment ago, by another process
    asked = ["/models", "/models/other", "/models/other/versions", "/jobs", f"/jobs/{job_id}"]
    client: httpx.Client = server.client
    client.get("/livez")

    with out_of_descriptors(server):
        told = {path: client.get(path).status_code for path in asked}
        told["predict"] = client.post("/models/other/predict", json=QUESTION).status_code
        told["train"] = server.train(TABLE, trainer=SHORT).status_code
        served = client.post("/predict", json=QUESTION)

    assert told == dict.fromkeys(told, 503)
    assert (served.status_code, served.json()["model_version"]) == (200, 1)
    for path in asked:
        until(lambda path=path: client.get(path).is_success, f"{path} is answered")  # type: ignore[misc]
    assert client.post("/models/other/predict", json=QUESTION).status_code == 200
    assert len(client.get("/models").json()["models"]) == 2


def test_a_training_that_runs_meanwhile_is_not_told_as_failed(start_server: StartServer) -> None:
    server = start_server()
    job_id = server.begin_training(TABLE, trainer=ENDLESS)

    with out_of_descriptors(server):
        assert server.client.get(f"/jobs/{job_id}").status_code == 503

    assert until(lambda: server.client.get(f"/jobs/{job_id}").json().get("status"), "it is told") == "running"
    assert server.client.post(f"/jobs/{job_id}/cancel").is_success
    server.wait_for(job_id, "cancelled")
