"""Executors: where trainings run, by name; and one that is replaced when it breaks.

The process runner keeps one training process, so that training never shares an interpreter with
serving. It is started by a fork server rather than forked from a server full of threads, runs at
lower priority, and ends with the server, however that ends.
"""

import asyncio
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import forkserver, resource_tracker
from typing import Any

NICENESS = 19
GROUP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def process_runner() -> Executor:
    """Return an executor with one training process, started at its first task."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["app.jobs.worker"])
    _start_fork_server()
    return ProcessPoolExecutor(max_workers=1, mp_context=context, initializer=_begin)


def _start_fork_server() -> None:
    """Start it deaf to signals to the whole group, and so its processes from birth: the server is to answer them."""
    resource_tracker.ensure_running()  # which the other would start, and then hear these signals again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, GROUP_SIGNALS)
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


RUNNERS: dict[str, Callable[[], Executor]] = {"process": process_runner}


def kill_training_processes() -> None:
    """End this server's training processes at once."""
    for process in multiprocessing.active_children():
        process.kill()


def _begin() -> None:
    os.nice(NICENESS)
    with suppress(
        AttributeError, OSError
    ):  # Linux alone has it: there, what only computes never goes before who answers
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    for ignored in GROUP_SIGNALS:  # lest the fork server was not started by us
        signal.signal(ignored, signal.SIG_IGN)
    end_with_parent()


def end_with_parent() -> None:
    """Have this process end when the one that started it does, however that ends."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent.join,), daemon=True).start()


def _end_after(wait: Callable[[], None]) -> None:
    wait()
    os._exit(1)


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
