"""Dead workers: a training process that died is noticed by the executor that it breaks, and another one is started."""

import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncio


class SelfHealingExecutor:
    """An executor that is replaced by a new one when it breaks; threads may share it."""

    def __init__(self, start: Callable[[], Executor]) -> None:
        self._start = start
        self._executor = self._broken = start()
        self._replacing = threading.Lock()
        self._end_at_once: Callable[[], None] | None = None
        """Ends what runs, once this is closed."""

    def submit(self, work: Callable[..., Any], *arguments: Any) -> tuple[Future[Any], Executor]:
        """Return the work's future, and the executor that it was given to; after `close`, the work is cancelled or ended."""
        while True:
            executor = self._executor
            try:
                future = executor.submit(work, *arguments)
            except RuntimeError as error:  # it is broken, or shut down
                if self._end_at_once is not None:
                    return _cancelled(), executor
                if not isinstance(error, BrokenExecutor):
                    raise
                self.replace(executor)
            except OSError:  # no process can be had; what it took nevertheless must not be done later
                self.replace(executor)
                raise
            else:
                if self._end_at_once is not None:  # `close` may have ended what ran just before
                    self._end_at_once()
                return future, executor

    def notice_death(self, work: Future[Any], executor: Executor) -> bool:
        """Return whether work is done because the worker died; then another worker takes its place."""
        is_dead = isinstance(work.exception(), BrokenExecutor)
        if is_dead:
            self.replace(executor)
        return is_dead

    def replace(self, broken: Executor) -> None:
        """Replace an executor that is broken by a new one, unless that is done already, or no more work is taken."""
        # A breaking executor reports that with its own lock held: until then it cannot be asked or shut down.
        with self._replacing:
            if self._executor is broken and self._end_at_once is None:
                self._broken, self._executor = broken, self._start()

    def close(self, end_at_once: Callable[[], None]) -> None:
        """Take no more work, let what is waiting go, end what runs by `end_at_once`, and wait for that."""
        with self._replacing:  # a new executor would not be waited for
            self._end_at_once = end_at_once
        end_at_once()
        self._executor.shutdown(wait=True, cancel_futures=True)
        self._broken = self._executor  # what a broken one holds of the system would be called leaked


def _cancelled() -> Future[Any]:
    future: Future[Any] = Future()
    future.cancel()
    return future


def as_asyncio(work: Future[Any]) -> "asyncio.Future[Any]":
    """Return a future of this event loop that is done when the work is; no one need ask for its result."""
    import asyncio  # noqa: PLC0415 - see `Jobs.wait`

    ended = asyncio.wrap_future(work)
    ended.add_done_callback(lambda done: done.cancelled() or done.exception())
    return ended
