"""Applications to compare with, each in a process of its own; what belongs to one, and how much memory it takes."""

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tests.support.waiting import until

ADDRESS = re.compile(r"Uvicorn running on (http://\S+)")


@contextmanager
def serving(module: str, *arguments: object) -> Iterator[str]:
    """Run `python -m module`, which serves by uvicorn; yield its address."""
    command = [sys.executable, "-m", module, *map(str, arguments)]
    with tempfile.TemporaryFile() as log, subprocess.Popen(command, stdout=log, stderr=log) as process:
        try:
            yield _address(process, log.fileno())
        finally:
            process.send_signal(signal.SIGKILL)


def _address(process: subprocess.Popen[bytes], log: int) -> str:
    said = Path(f"/proc/self/fd/{log}")
    found = until(lambda: ADDRESS.search(said.read_text()) or process.poll() is not None, "the application serves")
    assert isinstance(found, re.Match), said.read_text()
    return str(found[1])


def megabytes(pid: int, what: str = "VmRSS") -> float:
    """Return what a process has in memory, in megabytes (of 1,000,000 bytes); with `VmHWM` the most it ever had."""
    found = re.search(rf"{what}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) * 1024 / 1e6 if found else 0.0


def free_port() -> int:
    """Return the number of a port that is free."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def family(pid: int) -> Iterator[int]:
    """Yield a process, then all that it has started, and they; whatever sessions they have made."""
    yield pid
    for thread in Path(f"/proc/{pid}/task").iterdir():
        for child in (thread / "children").read_text().split():
            yield from family(int(child))


def tell(pids: Iterable[int], number: signal.Signals) -> None:
    """Send a signal to each process that is still there."""
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
