"""Training processes: how they are started, by the name that settings give, and how they end with their server.

The process runner keeps one, so that training never shares an interpreter with
serving. It is started by a fork server rather than forked from a server full of threads, runs at
lower priority, and ends with the server, however that ends.
"""

import ctypes
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import forkserver, resource_tracker
from multiprocessing.context import ForkServerProcess
from multiprocessing.process import BaseProcess

from app.jobs.job import Job
from app.jobs.liveness import is_stopped
from app.memory import give_way_to_others

TRAINING_NICENESS = 19
GROUP_SIGNALS = (signal.SIGINT, signal.SIGTERM)
PARENT_SECONDS = 1.0
"""Between two looks at whether the process lives that a training process was forked from."""
PR_SET_PDEATHSIG = 1
"""The call of prctl(2), on Linux, that says which signal a process gets when its parent ends."""


@dataclass(frozen=True)
class Runner:
    """How a server has its trainings done."""

    start: Callable[..., Executor]
    """Takes what the training process does first, if there is anything."""
    kill: Callable[[], None]
    """End the training process at once."""
    is_stopped: Callable[[], bool]
    """Whether the training process is stopped by a signal."""
    on_end: Callable[[Job], object] = lambda _: None
    """Is told of each job that has been its turn, and has ended."""


def process_runner(set_up: Callable[[], object] = bool) -> Executor:
    """Return an executor with one training process, started at its first task; `set_up` is called there first."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["app.jobs.worker"])
    resource_tracker.unregister = _unregister  # type: ignore[assignment]  # which its stub says of any Sized
    _start_fork_server()
    return ProcessPoolExecutor(max_workers=1, mp_context=context, initializer=_begin, initargs=(set_up,))


def _unregister(name: str, kind: str) -> None:
    """Have the resource tracker forget a semaphore, which it is told of first, since that changes nothing if it knows it.

    One that was killed has been started anew, knows of nothing, and would write a traceback for each semaphore.
    """
    resource_tracker.register(name, kind)
    _unregister_known(name, kind)


_unregister_known = resource_tracker.unregister


def _start_fork_server() -> None:
    """Start it with signals to the process group blocked, which its processes inherit: the server handles them."""
    resource_tracker.ensure_running()  # which the other would start, and then hear these signals again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, GROUP_SIGNALS)
    try:
        forkserver.ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def kill_training_processes() -> None:
    """End this server's training processes at once."""
    for process in _find_training_processes():
        process.kill()


def are_training_processes_stopped() -> bool:
    """Whether one of this server's training processes is stopped by a signal."""
    return any(is_stopped(process.pid) for process in _find_training_processes() if process.pid)


def _find_training_processes() -> list[BaseProcess]:
    """Return this server's training processes: whoever runs it inside a program of theirs may have children of other kinds."""
    return [process for process in multiprocessing.active_children() if isinstance(process, ForkServerProcess)]


RUNNERS = {"process": Runner(process_runner, kill_training_processes, are_training_processes_stopped)}


def _begin(set_up: Callable[[], object]) -> None:
    os.nice(TRAINING_NICENESS)
    with suppress(
        AttributeError, OSError
    ):  # only Linux has it: a batch process never runs before a server that has requests
        os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))
    give_way_to_others()
    for ignored in GROUP_SIGNALS:  # in case this module did not start the fork server
        signal.signal(ignored, signal.SIG_IGN)
    _end_with_fork_server()
    end_with_parent()
    set_up()


def _end_with_fork_server() -> None:
    """Have the kernel end this process with the fork server, and let that end with the server; on Linux.

    A process that is stopped ends too: no thread of its own could do that.
    """
    with suppress(AttributeError, OSError):  # the fork server stays while anyone holds this open
        os.close(forkserver._forkserver._forkserver_alive_fd)  # type: ignore[attr-defined]
    with suppress(AttributeError, OSError):
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() == 1:  # it has ended already
        os._exit(1)


def end_with_parent() -> None:
    """Have this process end when the one that asked for it does, or the one that it was forked from, however they end."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_after, args=(parent, os.getppid()), daemon=True).start()


def _end_after(parent: BaseProcess, forked_from: int) -> None:
    while parent.is_alive() and os.getppid() == forked_from:
        parent.join(PARENT_SECONDS)
    os._exit(1)
