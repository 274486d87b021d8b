"""How long a server's event loop is held: GET /livez every 5 ms on a connection of its own, while it does something else."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from urllib.parse import urlsplit

PAUSE = 0.005


@contextmanager
def probing(url: str) -> Iterator[list[float]]:
    """Yield a list that grows by how long each probe took, in milliseconds."""
    done, took = threading.Event(), list[float]()
    thread = threading.Thread(target=_probe, args=(url, done, took))
    thread.start()
    try:
        yield took
    finally:
        done.set()
        thread.join()


def _probe(url: str, done: threading.Event, took: list[float]) -> None:
    connection = HTTPConnection(urlsplit(url).netloc)
    while not done.wait(PAUSE):
        began = time.perf_counter()
        connection.request("GET", "/livez")
        connection.getresponse().read()
        took.append(1e3 * (time.perf_counter() - began))
    connection.close()
