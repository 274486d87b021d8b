"""Runners: where trainings run. Each is an executor of the standard library, by name.

The process runner keeps one training process, so that training never shares an interpreter with
serving. It is started by a fork server rather than forked from a server full of threads, runs at
lower priority, and ends with the server, however that ends.
"""

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor

NICENESS = 10


def process_runner() -> Executor:
    """Return an executor with one training process, started at its first task."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["app.worker"])
    return ProcessPoolExecutor(max_workers=1, mp_context=context, initializer=_begin)


RUNNERS: dict[str, Callable[[], Executor]] = {"process": process_runner}


def kill_training_processes() -> None:
    """End this server's training processes at once."""
    for process in multiprocessing.active_children():
        process.kill()


def _begin() -> None:
    os.nice(NICENESS)
    # Signals to the whole group are the server's to answer: it ends us when it has drained.
    for ignored in (signal.SIGINT, signal.SIGTERM):
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
