"""A pool is an executor that is replaced when it breaks, because one of its workers was killed."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from typing import Any


class Pool:
    """Whichever executor works; threads may share it."""

    def __init__(self, start: Callable[[], Executor]) -> None:
        self._start = start
        self._executor = self._broken = start()
        self._renewing = threading.Lock()

    def submit(self, work: Callable[..., Any], *arguments: Any) -> tuple[Future[Any], Executor]:
        """Return the work's future, and the executor that it was given to."""
        while True:
            executor = self._executor
            try:
                return executor.submit(work, *arguments), executor
            except BrokenExecutor:
                self.renew(executor)
            except OSError:  # no process can be had; what it took nevertheless must not be done later
                self.renew(executor)
                raise

    def renew(self, broken: Executor) -> None:
        """Put another executor in the place of one that is broken, unless that is done already."""
        # One that breaks says so with its own lock held: until it is through, it can neither be asked nor let go.
        with self._renewing:
            if self._executor is broken:
                self._broken, self._executor = broken, self._start()

    def close(self) -> None:
        """Let what is waiting go, and wait for what is left to end."""
        self._executor.shutdown(wait=True, cancel_futures=True)
        self._broken = self._executor  # what a broken one holds of the system would be called leaked


def end_of(work: Future[Any]) -> asyncio.Future[Any]:
    """Return what can be awaited of work that is done elsewhere; what it came to is not told, nor missed, here."""
    ended = asyncio.wrap_future(work)
    ended.add_done_callback(lambda done: done.cancelled() or done.exception())
    return ended
