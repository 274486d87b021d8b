"""The container image: built, looked into, and run as carefully as anyone would run it."""

import json
import os
import re
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.base_image import base_image, docker, program
from tests.support.needs import needs
from tests.support.tables import QUESTION, TABLE
from tests.support.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900), needs("docker", "base image")]

IMAGE = "scorecast-test"
HARDENED = ("--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges")
LONG = {"rows": TABLE, "trainer": {"name": "gradient_descent", "max_epochs": 10_000_000}}


@dataclass(frozen=True)
class Container:
    """A container that runs our image."""

    name: str
    http: httpx.Client

    def run(self, *command: str) -> str:
        """Run a command in it."""
        return docker("exec", self.name, *command)

    def state(self) -> Any:
        """What docker says of it."""
        return json.loads(docker("inspect", "--format={{json .State}}", self.name))

    def train(self) -> Any:
        """Train on the tutorial's table."""
        return self.http.post("/train", json={"rows": TABLE}).raise_for_status().json()

    def predict(self) -> Any:
        """Ask the tutorial's question."""
        return self.http.post("/predict", json=QUESTION).raise_for_status().json()


@pytest.fixture(scope="module")
def base() -> str:
    return base_image()


@pytest.fixture(scope="module")
def image(base: str) -> str:
    root = Path(__file__).parents[2]
    arguments = ["image", f"IMAGE={IMAGE}", f"PYTHON_IMAGE={base}", "DOCKER_BUILD_FLAGS=--network=host"]
    without_buildkit = {**os.environ, "DOCKER_BUILDKIT": "0"}
    subprocess.run([program("make"), *arguments], cwd=root, env=without_buildkit, check=True)
    return docker("image", "inspect", "--format={{.Id}}", IMAGE)  # the name may be another run's before we are done


@pytest.fixture
def volume() -> Iterator[str]:
    name = docker("volume", "create")
    yield name
    docker("volume", "rm", name)


@contextmanager
def running(image: str, volume: str) -> Iterator[Container]:
    name, port = f"scorecast-test-{secrets.token_hex(4)}", _free_port()
    where = ["--network=host", "--env=SCORECAST_HOST=127.0.0.1", f"--env=SCORECAST_PORT={port}"]
    asked_often = "--health-interval=1s"
    docker("run", "--detach", f"--name={name}", *where, *HARDENED, asked_often, f"--volume={volume}:/data", image)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as http:
            until(lambda: _is_ready(http), "the container is ready")
            yield Container(name, http)
    except BaseException as error:
        error.add_note(_logs(name))
        raise
    finally:
        docker("rm", "--force", name)


def test_it_trains_and_predicts_with_a_read_only_root_and_no_privileges(image: str, volume: str) -> None:
    with running(image, volume) as container:
        assert container.train()["model_version"] == 1
        answer = container.predict()
        assert answer["model_version"] == 1
        assert 0 <= answer["prediction"]["score"] <= 100
        assert container.run("id", "-u") != "0"
        status = container.run("cat", "/proc/1/status")
        assert "CapEff:\t0000000000000000" in status
        assert "NoNewPrivs:\t1" in status
        with pytest.raises(AssertionError, match="Read-only file system"):
            container.run("touch", "/tmp/here")  # noqa: S108


def test_it_has_the_page_with_its_scripts_and_styles(image: str, volume: str) -> None:
    with running(image, volume) as container:
        page = container.http.get("/").raise_for_status().text

        for link in re.findall(r'(?:src|href)="(page/[^"]+)"', page):
            container.http.get(f"/{link}").raise_for_status()
        assert "page/script/main.js" in page


def test_nothing_but_the_store_is_in_the_volume(image: str, volume: str) -> None:
    with running(image, volume) as container:
        container.train()
        assert set(container.run("ls", "-A", "/data").split()) <= {
            "store.json",
            "models",
            "jobs",
            "owners",
            "spool",
            "locks",
            "_reserve",
            "_staging",
        }


def test_the_health_check_finds_it_healthy(image: str, volume: str) -> None:
    with running(image, volume) as container:
        until(lambda: container.state()["Health"]["Status"] == "healthy", "the health check passes")


def test_stopped_it_ends_at_once_and_started_again_it_answers_the_same(image: str, volume: str) -> None:
    with running(image, volume) as container:
        container.train()
        container.train()
        before = container.predict()
        job = container.http.post("/train", json=LONG, headers={"Prefer": "respond-async"}).headers["Location"]
        until(lambda: container.http.get(job).json()["status"] == "running", "the training begins")
        began = time.monotonic()
        docker("stop", container.name)
        assert time.monotonic() - began < 5
        assert container.state()["ExitCode"] in {0, 143}
    with running(image, volume) as container:
        assert container.predict() == before
        assert container.train()["model_version"] == 3


def test_killed_in_a_training_it_loses_no_version_and_the_job_is_told_as_failed(image: str, volume: str) -> None:
    with running(image, volume) as container:
        container.train()
        before = container.predict()
        job = container.http.post("/train", json=LONG, headers={"Prefer": "respond-async"}).headers["Location"]
        until(lambda: container.http.get(job).json()["status"] == "running", "the training begins")
        docker("kill", container.name)
    with running(image, volume) as container:
        assert container.predict() == before
        # The new container cannot see the old one's processes: it waits for a sign of life that does not come.
        until(lambda: container.http.get(job).json()["status"] == "failed", "the job is document as failed")
        assert container.train()["model_version"] == 2


def test_it_holds_no_installer_no_compiler_and_no_tests(image: str) -> None:
    for command in ("pip", "pip3", "gcc", "cc", "make", "pytest"):
        assert not _in_image(image, f"command -v {command} || true"), command
    assert not _in_image(image, "python3 -m pip --version 2>/dev/null || true")
    assert not _in_image(image, "find /opt/scorecast -name tests -o -name pip")


def test_it_is_small(image: str, base: str, capsys: pytest.CaptureFixture[str]) -> None:
    megabytes = (_size(image) - _size(base)) / 1e6
    with capsys.disabled():
        sys.stdout.write(f"\nthe image: {megabytes:.0f} MB over its base of {_size(base) / 1e6:.0f} MB\n")
    assert megabytes < 110


def _in_image(image: str, script: str) -> str:
    return docker("run", "--rm", "--network=none", "--entrypoint=sh", image, "-c", script)


def _size(image: str) -> int:
    return int(docker("image", "inspect", "--format={{.Size}}", image))


def _logs(name: str) -> str:
    logs = [program("docker"), "logs", name]
    return subprocess.run(logs, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True).stdout


def _is_ready(http: httpx.Client) -> bool:
    try:
        return http.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
