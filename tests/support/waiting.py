"""Waiting for something to come true: with a deadline, instead of a guess at how long it takes."""

import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")

INTERVAL = 0.01
"""Seconds between two looks."""


def until(find: Callable[[], Found | None], what: str, seconds: float = 30) -> Found:
    """Return what `find` returns as soon as it is something; fail if that takes too long."""
    deadline = time.monotonic() + seconds
    while not (found := find()):
        assert time.monotonic() < deadline, f"not within {seconds:g} seconds: {what}"
        time.sleep(INTERVAL)
    return found
