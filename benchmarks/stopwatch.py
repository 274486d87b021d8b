"""How long something takes."""

import time
from collections.abc import Callable


def measure_seconds(work: Callable[[], object]) -> float:
    """Return the seconds that some work takes, by the clock on the wall."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
