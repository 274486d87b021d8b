"""From exec to the first answered prediction, with a checkpoint in the store; beside a plain FastAPI + NumPy application."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from http.client import HTTPConnection
from pathlib import Path
from statistics import median

from benchmarks.processes import free_port
from tests.support.server import COMMAND, running
from tests.support.tables import QUESTION, TABLE

RUNS = 10
TARGET = 0.7
"""Seconds."""


def first_answer(command: Sequence[str | Path], port: int, store: Path) -> float:
    """Start a server; return how many seconds later it has answered a prediction."""
    settings = {"SCORECAST_PORT": str(port), "SCORECAST_STORE": str(store)}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    began = time.perf_counter()
    process = subprocess.Popen(command, env={**os.environ, **settings}, start_new_session=True, **quiet)  # type: ignore[call-overload]
    try:
        while not _is_answered(port):
            assert process.poll() is None
            time.sleep(0.001)
        return time.perf_counter() - began
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(40)


def _is_answered(port: int) -> bool:
    connection = HTTPConnection("127.0.0.1", port)
    try:
        connection.request("POST", "/predict", json.dumps(QUESTION), {"Content-Type": "application/json"})
    except ConnectionRefusedError:
        return False
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    connection.close()
    return True


def main() -> None:
    """Print the medians of both, in turns."""
    with tempfile.TemporaryDirectory() as folder:
        with running(Path(folder)) as server:
            server.train(TABLE).raise_for_status()
            server.stop()
        port = free_port()
        naive = [sys.executable, "-m", "benchmarks.naive", str(port)]
        commands: tuple[Sequence[str | Path], ...] = ([COMMAND, "serve"], naive)
        rounds = [[first_answer(command, port, server.store) for command in commands] for _ in range(RUNS + 1)]
    us, them = (median(times) for times in zip(*rounds[1:], strict=True))  # the first reads from the disk
    print(f"ours {us:.2f} s (at most {TARGET})   FastAPI + NumPy {them:.2f} s   ratio {us / them:.2f}")


if __name__ == "__main__":
    main()
