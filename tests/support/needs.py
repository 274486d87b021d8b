"""What a test needs of the machine beyond Python: `@needs("docker")`.

Where it is missing the test is skipped, and pytest's closing summary says what was missing and how to
get it. In CI nothing is skipped: there `.ci/run` installs what is needed, and what is missing is an error.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, partial

import pytest

from tests.support import client_environments
from tests.support.base_image import is_at_hand
from tests.support.browsing import find_chromium
from tests.support.clocks import LIBRARIES


@dataclass(frozen=True)
class Need:
    """Something of the machine: whether it is there, and how to get it."""

    how: str
    is_met: Callable[[], bool]


def _docker_runs() -> bool:
    docker = shutil.which("docker")
    return docker is not None and subprocess.run([docker, "info"], capture_output=True, check=False).returncode == 0


def _strace_works() -> bool:
    strace = shutil.which("strace")
    return strace is not None and subprocess.run([strace, "-o", "/dev/null", "true"], check=False).returncode == 0


NEEDS = {
    "chromium": Need("a browser: apt-get install chromium", lambda: find_chromium() is not None),
    "docker": Need("a running Docker engine: apt-get install docker.io, then start dockerd", _docker_runs),
    "kubectl": Need(
        "Kubernetes's tool, 1.27 or newer: apt-get install kubernetes-client",
        lambda: shutil.which("kubectl") is not None,
    ),
    "systemd-analyze": Need(
        "systemd's tool: apt-get install systemd", lambda: shutil.which("systemd-analyze") is not None
    ),
    "strace": Need("to have system calls fail: apt-get install strace, and the right to ptrace", _strace_works),
    "faketime": Need("to set a clock back: apt-get install libfaketime", lambda: bool(LIBRARIES)),
    "prometheus": Need("Prometheus: apt-get install prometheus", lambda: shutil.which("prometheus") is not None),
    "promtool": Need("Prometheus's tool: apt-get install prometheus", lambda: shutil.which("promtool") is not None),
    "base image": Need(
        "an image with Python: apt-get install debootstrap, and run as root; or PYTHON_IMAGE=python:3.13-slim",
        is_at_hand,
    ),
    **{
        name: Need(
            f"what tests/system/clients/requirements/{name}.txt lists: a package index that uv or pip can reach",
            partial(client_environments.is_at_hand, name),
        )
        for name in client_environments.NAMES
    },
}


def needs(*names: str) -> pytest.MarkDecorator:
    """Mark a test, or with `pytestmark` a file of them, as needing these."""
    unknown = set(names) - set(NEEDS)
    assert not unknown, f"not in tests/support/needs.py: {unknown}"
    return pytest.mark.needs(*names)


def skip_what_cannot_run(items: list[pytest.Item]) -> None:
    """Skip the tests whose needs are not met; in CI raise instead."""
    for item in items:
        for missing in filter(None, map(_missing, _needs_of(item))):
            if os.environ.get("CI"):
                raise pytest.UsageError(f"{item.nodeid} needs {missing}")
            item.add_marker(pytest.mark.skip(reason=f"needs {missing}"))
            break


def _needs_of(item: pytest.Item) -> list[str]:
    return [name for mark in item.iter_markers("needs") for name in mark.args]


@cache
def _missing(name: str) -> str:
    need = NEEDS[name]
    return "" if need.is_met() else need.how
