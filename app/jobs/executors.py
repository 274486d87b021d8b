"""Executors: where trainings run, by the name that settings give; and one that replaces itself when it breaks.

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

TRAINING_NICENESS = 19
GROUP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def process_runner() -> Executor:
    """Return an executor with one training process, started at its first task."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["app.jobs.worker"])
    _start_fork_server()
    return ProcessPoolExecutor(max_workers=1, mp_context=context, initializer=_begin)


def _start_fork_server() -> None:
    """Start it with signals to the process group blocked, which its processes inherit: the server handles them."""
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
    os.nice(TRAINING_NICENESS)
    with suppress(
        AttributeError, OSError
    ):  # only Linux has it: a batch process never runs before a server that has requests
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    for ignored in GROUP_SIGNALS:  # in case this module did not start the fork server
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


class SelfHealingExecutor:
    """An executor that is replaced by a new one when it breaks; threads may share it."""

    def __init__(self, start: Callable[[], Executor]) -> None:
        self._start = start
        self._executor = self._broken = start()
        self._replacing = threading.Lock()

    def submit(self, work: Callable[..., Any], *arguments: Any) -> tuple[Future[Any], Executor]:
        """Return the work's future, and the executor that it was given to."""
        while True:
            executor = self._executor
            try:
                return executor.submit(work, *arguments), executor
            except BrokenExecutor:
                self.replace(executor)
            except OSError:  # no process can be had; what it took nevertheless must not be done later
                self.replace(executor)
                raise

    def replace(self, broken: Executor) -> None:
        """Replace an executor that is broken by a new one, unless that is done already."""
        # A breaking executor reports that with its own lock held: until then it cannot be asked or shut down.
        with self._replacing:
            if self._executor is broken:
                self._broken, self._executor = broken, self._start()

    def close(self) -> None:
        """Let what is waiting go, and wait for what is left to end."""
        self._executor.shutdown(wait=True, cancel_futures=True)
        self._broken = self._executor  # what a broken one holds of the system would be called leaked


def as_asyncio(work: Future[Any]) -> asyncio.Future[Any]:
    """Return a future of this event loop that is done when the work is; no one need ask for its result."""
    ended = asyncio.wrap_future(work)
    ended.add_done_callback(lambda done: done.cancelled() or done.exception())
    return ended
