"""A lock that one process of the machine at a time can hold; the kernel frees it when the process ends, however it ends."""

import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

POLL_SECONDS = 0.02


def training_lock_name(processes: int) -> str:
    """Return the name of the lock that this server's processes share: by the parent of several, or the only one."""
    return f"scorecast-{os.getppid() if processes > 1 else os.getpid()}"


@contextmanager
def machine_lock(name: str, on_wait: Callable[[], object]) -> Iterator[None]:
    """Wait for the lock of this name, calling `on_wait` every `POLL_SECONDS`, and hold it for the time of the block.

    The lock is an abstract socket address (unix(7), Linux): bound by one, and freed by the kernel.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as held:
        while True:
            try:
                held.bind(f"\0{name}")
                break
            except OSError:  # another process holds it
                on_wait()
                time.sleep(POLL_SECONDS)
        yield
