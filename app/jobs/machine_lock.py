"""A turn is something that one process at a time can have; it is given up when the process ends, however it ends."""

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

POLL_SECONDS = 0.02


def turn_of_server(processes: int) -> str:
    """Return the name of the turn that this server's processes share: by the parent of several, or the only one."""
    return f"scorecast-{os.getppid() if processes > 1 else os.getpid()}"


@contextmanager
def turn(name: str, waiting: Callable[[], object]) -> Iterator[None]:
    """Wait for the turn of this name, calling `waiting` now and again, and have it for the time of the block.

    The turn is an abstract socket address (unix(7), Linux): bound by one, and freed by the kernel.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as held:
        while True:
            try:
                held.bind(f"\0{name}")
                break
            except OSError:  # another has it
                waiting()
                time.sleep(POLL_SECONDS)
        yield
