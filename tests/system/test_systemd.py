"""What a running service asks of the kernel is within what the unit for systemd allows: system calls, and memory never both
writable and executable."""

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from tests.support.deployed import DEPLOY
from tests.support.needs import needs
from tests.support.server import Server
from tests.support.tables import QUESTION, TABLE
from tests.support.waiting import until

UNIT = (DEPLOY / "systemd" / "scorecast.service").read_text()
DENY_WRITE_EXECUTE = (
    "import ctypes, os, sys; ctypes.CDLL(None).prctl(65, 1, 0, 0, 0); os.execvp(sys.argv[1], sys.argv[1:])"
)
"""As MemoryDenyWriteExecute does, for the process and all that it starts (where Linux is 6.3 or newer)."""

pytestmark = [pytest.mark.slow, needs("strace", "systemd-analyze")]


def groups_of_calls() -> dict[str, list[str]]:
    """Return the system calls, and groups of them, in each group that systemd knows."""
    listed = ["systemd-analyze", "syscall-filter", "--no-pager"]
    text = subprocess.run(listed, capture_output=True, text=True, check=True).stdout
    groups: dict[str, list[str]] = {}
    for block in text.split("\n\n"):
        name, *members = [line.strip() for line in block.splitlines() if not line.strip().startswith("#")] or [""]
        groups[name] = members
    return groups


def calls_in(names: Iterable[str], groups: dict[str, list[str]]) -> set[str]:
    """Return the system calls that names of calls and groups stand for."""
    inside = (calls_in(groups[name], groups) if name.startswith("@") else {name} for name in names)
    return set[str]().union(*inside)


def allowed_calls() -> set[str]:
    """Return the system calls that the unit allows: what it lists, less what it lists behind `~`."""
    groups = groups_of_calls()
    allowed, denied = (re.findall(rf"^SystemCallFilter={sign}(@[\w-]+)$", UNIT, re.MULTILINE) for sign in ("", "~"))
    assert allowed
    assert denied
    return calls_in(allowed, groups) - calls_in(denied, groups)


@pytest.fixture
def watched(tmp_path: Path) -> Iterator[Server]:
    """A server whose system calls are counted, for memory that is never both writable and executable."""
    program = tmp_path / "watched"
    strace = f"strace -D -f -c -S name -o {tmp_path}/calls {Server.command}"
    program.write_text(f"#!/bin/sh\nexec {sys.executable} -c '{DENY_WRITE_EXECUTE}' {strace} \"$@\"\n")
    program.chmod(0o755)
    server = type("Watched", (Server,), {"command": program})(tmp_path)
    yield server
    server.close()


def test_it_calls_nothing_that_the_unit_does_not_allow(watched: Server, tmp_path: Path) -> None:
    watched.train(TABLE).raise_for_status()
    watched.client.post("/predict", json=QUESTION).raise_for_status()
    table = {"content": "a,b\n1,2\n2,4\n3,5\n", "headers": {"Content-Type": "text/csv"}}
    for path in ("/models/watched/train?targets=b", "/models/watched/predict"):
        watched.client.post(path, **table).raise_for_status()  # type: ignore[arg-type]
    watched.client.delete("/models/watched").raise_for_status()
    assert watched.stop() == 0

    counted = until((tmp_path / "calls").read_text, "strace has counted")
    calls = {line.split()[-1] for line in counted.splitlines()[2:-2]}
    assert calls >= {"fsync", "accept4", "execve"}
    assert calls - allowed_calls() == set()
