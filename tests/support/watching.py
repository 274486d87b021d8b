"""How long a server keeps ordinary requests waiting while something else is going on."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

from tests.support.server import Server
from tests.support.tables import QUESTION

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
