"""Applications to compare with, each in a process of its own; and how much memory processes take."""

import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.waiting import until

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
