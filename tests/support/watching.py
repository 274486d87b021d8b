"""How long a server keeps ordinary requests waiting while something else is going on."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

from tests.support.server import Server
from tests.support.tables import QUESTION


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
    """Ask for something again and again meanwhile, every few milliseconds: to predict one row unless it is something else."""
    waits, may_end = Waits(), threading.Event()

    def watch() -> None:
        with httpx.Client(base_url=server.client.base_url, timeout=120, trust_env=False) as client:
            while not may_end.wait(0.005):
                began = time.monotonic()
                assert ask(client).status_code == 200
                waits.seconds.append(time.monotonic() - began)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield waits
    finally:
        may_end.set()
        thread.join()
