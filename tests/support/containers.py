"""Containers of our image: built once, run as carefully as anyone would run them, and asked over HTTP."""

import json
import os
import re
import secrets
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.support.base_image import docker, program
from tests.support.bill_of_materials import make_sbom
from tests.support.tables import QUESTION, TABLE
from tests.support.waiting import until

ROOT = Path(__file__).parents[2]
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

    def logs(self) -> str:
        """What it has logged."""
        logs = [program("docker"), "logs", self.name]
        return subprocess.run(logs, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=True).stdout

    def train(self) -> Any:
        """Train on the tutorial's table."""
        return self.http.post("/train", json={"rows": TABLE}).raise_for_status().json()

    def begin_long_training(self) -> str:
        """Begin a training that does not end by itself; return where its job is."""
        job: str = self.http.post("/train", json=LONG, headers={"Prefer": "respond-async"}).headers["Location"]
        until(lambda: self.http.get(job).json()["status"] == "running", "the training begins")
        return job

    def predict(self) -> Any:
        """Ask the tutorial's question."""
        return self.http.post("/predict", json=QUESTION).raise_for_status().json()

    def find_killed(self) -> int:
        """Return how many processes the kernel has ended since there was no memory left."""
        files = "/sys/fs/cgroup/memory.events", "/sys/fs/cgroup/memory/memory.oom_control"  # versions 2 and 1
        text = self.run("sh", "-c", f"cat {' '.join(files)} 2>/dev/null || true")
        return int(re.findall(r"^oom_kill (\d+)$", text, re.MULTILINE)[0])

    def find_work_seconds(self) -> float:
        """Return how long processors have worked for all its processes."""
        files = "/sys/fs/cgroup/cpu.stat", "/sys/fs/cgroup/cpuacct/cpuacct.usage"
        text = self.run("sh", "-c", f"cat {' '.join(files)} 2>/dev/null || true")
        by_version_2 = re.findall(r"^usage_usec (\d+)$", text, re.MULTILINE)
        return int(by_version_2[0]) / 1e6 if by_version_2 else int(text.split()[-1]) / 1e9


def build_image(base: str) -> str:
    """Build our image as `make sbom image` does, and return its id: its name may be another run's before we are done."""
    make_sbom(ROOT / "dist" / "scorecast.cdx.json")
    arguments = ["image", f"IMAGE={IMAGE}", f"PYTHON_IMAGE={base}", "DOCKER_BUILD_FLAGS=--network=host"]
    without_buildkit = {**os.environ, "DOCKER_BUILDKIT": "0"}
    subprocess.run([program("make"), *arguments], cwd=ROOT, env=without_buildkit, check=True)
    return docker("image", "inspect", "--format={{.Id}}", IMAGE)


@contextmanager
def volumes() -> Iterator[str]:
    """Yield a volume, and remove it."""
    name = docker("volume", "create")
    try:
        yield name
    finally:
        docker("volume", "rm", name)


@contextmanager
def running(image: str, volume: str, *options: str) -> Iterator[Container]:
    """Yield a container over a volume, ready to be asked; `options` are docker's."""
    name, port = f"scorecast-test-{secrets.token_hex(4)}", _free_port()
    where = ["--network=host", "--env=SCORECAST_HOST=127.0.0.1", f"--env=SCORECAST_PORT={port}"]
    options = (*HARDENED, "--health-interval=1s", f"--volume={volume}:/data", *options)
    docker("run", "--detach", f"--name={name}", *where, *options, image)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60, trust_env=False) as http:
            container = Container(name, http)
            until(lambda: _is_ready(http), "the container is ready")
            yield container
    except BaseException as error:
        error.add_note(Container(name, httpx.Client()).logs())
        raise
    finally:
        docker("rm", "--force", name)


def _is_ready(http: httpx.Client) -> bool:
    try:
        return http.get("/readyz").status_code == 200
    except httpx.TransportError:
        return False


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
