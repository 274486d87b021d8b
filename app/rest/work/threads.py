"""The threads that requests are worked on in: a few for each size of work, so that nothing small waits for what is large.

What is small is done at once, by the event loop. The framework's own threads are left to what only looks into the store.
Work ends, or never begins, once its client has gone.
"""

import asyncio
import ctypes
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from threading import Event
from typing import ParamSpec, TypeVar

from anyio import CapacityLimiter
from anyio.lowlevel import RunVar
from anyio.to_thread import run_sync
from fastapi import Request

from app.budget import MAX_HELD_BYTES, MAX_SMALL_BODY_BYTES, WorkSize
from app.cancellation import cancelled_by
from app.errors import NotWanted, TooBusy
from app.memory import BODIES, reserving
from app.rest.work.held import HeldBytes

Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")

THREADS: Mapping[WorkSize, int] = {WorkSize.MEDIUM: 2, WorkSize.LARGE: 2}
"""For work of each size. More would share the same interpreter, and hold more in memory."""

STORING_THREADS, SUBMITTING_THREADS, LOADING_THREADS = 8, 2, 2
"""For what waits for the disk: changes of models, versions and jobs; trainings that are queued, and checkpoints that are
read, which wait for each other."""

_trim: Callable[[int], object] = getattr(ctypes.CDLL(None), "malloc_trim", bool)
"""Give free memory back to the system: glibc keeps what many threads have freed. Other C libraries need no such call."""


class _Threads:
    """The threads of one event loop, and how many bytes of bodies are held for them."""

    def __init__(self) -> None:
        self.limiters = {size: CapacityLimiter(number) for size, number in THREADS.items()}
        self.storing, self.submitting = CapacityLimiter(STORING_THREADS), CapacityLimiter(SUBMITTING_THREADS)
        self.loading = CapacityLimiter(LOADING_THREADS)
        self.held = HeldBytes()


_threads: RunVar[_Threads] = RunVar("threads")


async def run(
    request: Request, size: WorkSize, held_bytes: int, function: Callable[[], Result], buffer_bytes: int = 0
) -> Result:
    """Return `function()`, done where work of its size belongs; meanwhile so many bytes of its body are held.

    Raises `TooBusy` if there is no room for so many more, `MemoryError` if there is none for its buffers, and `NotWanted` once
    the client has gone: before the work, or in it, where it calls `stop_if_unwanted`. The request's body must have been read.
    """
    if size is WorkSize.SMALL:
        return function()
    held = find_held()
    held.check_requests()
    if held_bytes > MAX_SMALL_BODY_BYTES and held.bytes and held.bytes + held_bytes > MAX_HELD_BYTES:
        raise TooBusy("so many large requests are being worked on that there is no room for more; try again later")
    with holding(held_bytes, requests=1):
        work = _reserve(held_bytes, buffer_bytes, function)
        return await _run_while_wanted(request, _find_threads().limiters[size], work)


def _reserve(body_bytes: int, buffer_bytes: int, function: Callable[[], Result]) -> Callable[[], Result]:
    """Return a function with its memory set aside while it runs."""

    def work() -> Result:
        with reserving(BODIES * body_bytes + buffer_bytes):
            return function()

    return work


async def run_reading(
    body_bytes: int, function: Callable[[], Result], limiter: CapacityLimiter | None = None
) -> Result:
    """Return `function()`, which reads a body of so many bytes, done in a thread; without a limiter in one of the framework's.

    Raises `MemoryError` if there is no room for what it takes.
    """
    with holding(body_bytes):
        return await run_sync(_reserve(body_bytes, 0, function), limiter=limiter)


@contextmanager
def holding(count: int, requests: int = 0) -> Iterator[None]:
    """Hold so many bytes of a body that has arrived; those of a small one do not count. Also so many requests."""
    held = find_held()
    count = count if count > MAX_SMALL_BODY_BYTES else 0
    held.bytes += count
    held.requests += requests
    try:
        yield
    finally:
        held.bytes -= count
        held.requests -= requests


def limit_requests(most: int) -> None:
    """Have at most so many requests of this event loop be worked on, or wait for that."""
    find_held().max_requests = most


async def run_cheaply(function: Callable[[], Result], body_bytes: int = 0) -> Result:
    """Return `function()`, one of many short pieces of something large, or what reads a body, done in a thread."""
    return await run_reading(body_bytes, function, _find_threads().limiters[WorkSize.MEDIUM])


async def run_storing(function: Callable[[], Result]) -> Result:
    """Return `function()`, which changes something in the store, done in one of the few threads that wait for the disk.

    In the framework's own threads, as many as there are would wait, and reading would wait for them.
    """
    return await run_sync(function, limiter=_find_threads().storing)


async def run_submitting(function: Callable[[], Result]) -> Result:
    """Return `function()`, which queues a training; done apart from other changes, since many may come at once."""
    return await run_sync(function, limiter=_find_threads().submitting)


async def run_loading(function: Callable[[], Result]) -> Result:
    """Return `function()`, which reads a checkpoint: a large one takes 0.2 seconds."""
    return await run_sync(function, limiter=_find_threads().loading)


async def _run_while_wanted(request: Request, limiter: CapacityLimiter, function: Callable[[], Result]) -> Result:
    has_begun, has_gone = Event(), Event()

    def work() -> Result:
        has_begun.set()
        try:
            return function()
        finally:
            _trim(0)

    with cancelled_by(has_gone):  # the task has a copy of the context from here, and so has its thread
        working = asyncio.ensure_future(run_sync(work, limiter=limiter))
    watching = asyncio.ensure_future(_wait_until_gone(request))
    try:
        await asyncio.wait([working, watching], return_when=asyncio.FIRST_COMPLETED)
        if not working.done():
            has_gone.set()
            if not has_begun.is_set():
                working.cancel()
            await asyncio.wait([working])  # what has begun keeps its thread until it looks
        if working.cancelled():
            raise NotWanted("the client has gone")
        return working.result()
    finally:
        has_gone.set()
        for task in (watching, working):
            task.cancel()
        with suppress(asyncio.CancelledError):
            await watching
        del watching, working, task  # what failed holds this frame, and would hold the body until garbage is collected


async def _wait_until_gone(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def find_held() -> HeldBytes:
    """Return how many bytes are held in this event loop."""
    return _find_threads().held


def _find_threads() -> _Threads:
    try:
        return _threads.get()
    except LookupError:
        threads = _Threads()
        _threads.set(threads)
        return threads
