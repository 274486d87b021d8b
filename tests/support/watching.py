"""How long a server keeps ordinary requests waiting while something else is going on."""

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

from tests.support.server import Server
from tests.support.tables import QUESTION
from tests.support.waiting import until

MAX_SECONDS = 60
"""How long an ordinary request may wait before it is given up."""


@dataclass
class Waits:
    """How long requests have waited, in seconds."""

    seconds: list[float] = field(default_factory=list)

    @property
    def longest(self) -> float:
        """The longest of all."""
        return max(self.seconds, default=0.0)


def predict(client: httpx.Client) -> httpx.Response:
    """Predict one row."""
    return client.post("/predict", json=QUESTION)


@contextmanager
def watching(server: Server, ask: Callable[[httpx.Client], httpx.Response] = predict) -> Iterator[Waits]:
    """Ask for something again and again meanwhile, every few milliseconds: to predict one row unless it is something else.

    Each must be answered with 200, within `MAX_SECONDS`; otherwise the end of the server's log is shown.
    """
    waits, may_end = Waits(), threading.Event()
    failures: list[Exception] = []

    def watch() -> None:
        with httpx.Client(base_url=server.client.base_url, timeout=MAX_SECONDS, trust_env=False) as client:
            while not may_end.wait(0.005):
                began = time.monotonic()
                ask(client).raise_for_status()
                waits.seconds.append(time.monotonic() - began)

    def watch_and_tell() -> None:
        try:
            watch()
        except httpx.HTTPError as error:
            failures.append(error)

    thread = threading.Thread(target=watch_and_tell)
    thread.start()
    try:
        yield waits
    finally:
        may_end.set()
        thread.join()
    assert not failures, f"{failures[0]!r}; the process has exit code {server.process.poll()}\n{server.log[-2000:]}"


MIN_ANSWERS = 20
"""How many answers there must be before something begins, and a quarter of them after its end: what waits in between is seen."""


@contextmanager
def watching_from_outside(server: Server) -> Iterator[Waits]:
    """Have another process predict a row, again and again (`tests.support.asking`), so that its waits are the server's alone.

    What has been waited for before the block does not count.
    """
    address = server.client.base_url.host, str(server.client.base_url.port)
    command = [sys.executable, "-m", "tests.support.asking", *address, json.dumps(QUESTION)]
    waits, statuses = Waits(), set[str]()
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:

        def collect() -> None:
            for line in process.stdout or ():
                _, seconds, status = line.split()
                waits.seconds.append(float(seconds))
                statuses.add(status)

        thread = threading.Thread(target=collect)
        thread.start()
        try:
            until(lambda: len(waits.seconds) >= MIN_ANSWERS, "the other process asks")
            waits.seconds.clear()
            yield waits
            seen = len(waits.seconds)
            until(lambda: len(waits.seconds) >= seen + MIN_ANSWERS // 4, "the server answers", MAX_SECONDS)
        finally:
            (process.stdin or sys.stdin).close()
            thread.join()
    assert statuses == {"200"}, statuses
    assert process.returncode == 0
