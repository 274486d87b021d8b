"""Disks as they are on bad days: full, or not to be written to."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest


@contextmanager
def small_disk(folder: Path, kibibytes: int) -> Iterator[Path]:
    """A disk of its own, of this size; skips the test where none may be mounted."""
    folder.mkdir()
    options = f"size={kibibytes}k"
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip("needs to mount a small disk, which takes root's rights (in a container: --privileged)")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", folder], check=True)


@contextmanager
def read_only(folder: Path) -> Iterator[Path]:
    """A folder that is there and cannot be written to; for root, who may write anywhere, as a disk of its own."""
    if os.geteuid() == 0:
        with small_disk(folder, 64):
            subprocess.run(["mount", "-o", "remount,ro", folder], check=True)
            yield folder
    else:
        folder.mkdir(mode=0o500)
        yield folder


def fill(disk: Path) -> None:
    """Write to a disk until nothing more fits, and a moment later nothing either: a file that is being replaced gives room."""
    with (disk / "ballast").open("wb", buffering=0) as ballast:
        while _fill(ballast):
            time.sleep(0.2)


def _fill(ballast: IO[bytes]) -> int:
    """Return how many bytes still fitted."""
    written = 0
    try:
        while True:
            written += ballast.write(bytes(1024))
    except OSError:
        return written
