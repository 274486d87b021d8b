"""Owners: whether a server process lives, document by another one."""

import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.errors import StoreError
from app.jobs.liveness import ServerProcess
from tests.support.waiting import until

SPEAK = "import dataclasses, json; from app.jobs.liveness import ServerProcess; print(json.dumps(dataclasses.asdict(ServerProcess.this_process())))"


@pytest.fixture
def process() -> Iterator[subprocess.Popen[str]]:
    """Another process, which says what owner it is and then waits."""
    code = f"{SPEAK}; import sys; sys.stdout.flush(); sys.stdin.read()"
    with subprocess.Popen([sys.executable, "-c", code], stdin=-1, stdout=-1, text=True) as process:
        yield process
        process.kill()


def owner_of(process: subprocess.Popen[str]) -> ServerProcess:
    assert process.stdout is not None
    return ServerProcess(**json.loads(process.stdout.readline()))


def test_this_process_lives() -> None:
    assert ServerProcess.this_process() == ServerProcess.this_process()
    assert ServerProcess.this_process().is_alive()


def test_another_process_lives_until_it_is_killed(process: subprocess.Popen[str]) -> None:
    owner = owner_of(process)

    assert owner.pid == process.pid
    assert owner.is_alive()
    process.kill()
    process.wait()
    assert not owner.is_alive()


def test_a_dead_process_that_nobody_has_buried_is_dead(process: subprocess.Popen[str]) -> None:
    """As where the parent never waits, such as a container's first process that was not made for that."""
    owner = owner_of(process)

    os.kill(process.pid, signal.SIGKILL)

    until(lambda: not owner.is_alive(), "it is known to be dead")


def test_another_process_with_the_same_number_is_another_owner() -> None:
    ours = ServerProcess.this_process()

    assert not replace(ours, birth=str(int(ours.birth) - 1)).is_alive()


def test_without_descriptors_nobody_is_told_to_be_dead() -> None:
    ours = ServerProcess.this_process()
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, limits[1]))
    try:
        assert ours.is_visible
        with pytest.raises(StoreError, match="Too many open files"):
            ours.is_alive()
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_a_number_that_no_process_has_is_dead() -> None:
    assert not replace(ServerProcess.this_process(), pid=2**22 + 1).is_alive()


@pytest.mark.slow
def test_a_name_with_spaces_and_brackets_does_not_hide_the_birth(tmp_path: Path) -> None:
    odd = tmp_path / "a) S 1 (b"
    odd.symlink_to(sys.executable)
    spoken = subprocess.run(
        [odd, "-c", SPEAK],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=True,
    )

    birth = spoken.stdout.partition('"birth": "')[2].partition('"')[0]
    assert int(birth) >= int(ServerProcess.this_process().birth)


def test_a_process_of_another_container_or_host_cannot_be_seen() -> None:
    ours = ServerProcess.this_process()

    assert ours.is_visible
    assert not replace(ours, table="elsewhere").is_visible


@pytest.mark.parametrize("change", [{"table": "elsewhere"}, {"pid": 7}, {"birth": "7"}])
def test_no_two_owners_have_the_same_key(change: dict[str, Any]) -> None:
    ours = ServerProcess.this_process()

    assert replace(ours, **change).key != ours.key
