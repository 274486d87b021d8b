"""Clocks that are wrong: libfaketime (Debian) has a process, and those that it starts, see another time of day."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

LIBRARIES = sorted(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"))


@contextmanager
def clock_set_to(offset: str) -> Iterator[None]:
    """Have servers that are started meanwhile see this time, such as `-1d`: the time of day alone, and not that of files."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LD_PRELOAD", str(LIBRARIES[0]))
        patch.setenv("FAKETIME", offset)
        patch.setenv("FAKETIME_DONT_FAKE_MONOTONIC", "1")  # which no one can set
        patch.setenv("NO_FAKE_STAT", "1")
        yield
