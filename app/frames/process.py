"""The other process, as the server sees it: started when it is first needed, asked by any thread, started anew if it has ended."""

import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from app.frames.frame import Buffer
from app.frames.messages import BEGUN, Interrupted, receive, send

_MEMORY = ("ARROW_DEFAULT_MEMORY_POOL=system", "GLIBC_TUNABLES=glibc.malloc.arena_max=1:glibc.malloc.hugetlb=1")
"""Arrow's other pools, and glibc's for other threads, set much aside, to which no limit applies any more. And each body is read
in memory that is new: to have it in small pages took longer than the reading. Other C libraries ignore this."""

COMMAND = ["env", *_MEMORY, sys.executable, "-P", "-W", "ignore", "-m", "app.frames.fork_server"]
"""What is run, with the number of a socket."""

MAX_FORKS = 4
"""How many bodies are read and written at the same time; others wait."""

GROUP_SIGNALS = (signal.SIGINT, signal.SIGTERM)

MAX_SECONDS = 300.0
"""How long a process may say nothing before it is given up."""

Message = tuple[dict[str, Any], list[Buffer]]


class FrameProcess:
    """The process in which pyarrow is loaded, and in which nothing is read: it forks one for each request. Threads may share it."""

    def __init__(self) -> None:
        self._lock, self._turns = threading.Lock(), threading.Semaphore(MAX_FORKS)
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    def ask(self, head: dict[str, Any], buffers: Sequence[Buffer], most: int) -> Message | None:
        """Return the answer, of at most so many bytes, to a request; None if what worked on it crashed.

        Raises `MemoryError` if there is no process to be had.
        """
        with self._turns:
            for _ in range(2):  # the process may just have ended, since nobody had asked for a while
                control = self._find_control()
                with suppress(OSError), _connect(control) as connection:
                    if connection.recv(len(BEGUN)) == BEGUN:
                        return _exchange(connection, head, buffers, most)
                self._forget(control)
        raise MemoryError("no process to read Arrow and Parquet in")

    def close(self) -> None:
        """End the process."""
        self._forget(self._control)

    def _find_control(self) -> socket.socket:
        """Return the socket by which the process is asked, which is started if there is none."""
        with self._lock:
            if self._control is None:
                self._control, theirs = socket.socketpair()
                with theirs, suppress(OSError):  # there is no memory for it, which shows when nothing comes back
                    self._process = _start(theirs)
            return self._control

    def _forget(self, control: socket.socket | None) -> None:
        """End the process that is asked by this socket, unless another has taken its place."""
        with self._lock:
            if control is None or control is not self._control:
                return
            process, self._process, self._control = self._process, None, None
        control.close()
        if process is not None:
            process.kill()
            process.wait()


def _start(theirs: socket.socket) -> subprocess.Popen[bytes]:
    """Start the process with signals to the process group blocked: it ends with its server, not before it."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, GROUP_SIGNALS)
    try:
        return subprocess.Popen(  # noqa: S603 - it is ours
            [*COMMAND, str(theirs.fileno())], pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL
        )
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _connect(control: socket.socket) -> socket.socket:
    """Return a socket whose other end has been sent to the process. Raises `OSError` if that has ended."""
    ours, theirs = socket.socketpair()
    ours.settimeout(MAX_SECONDS)
    try:
        with theirs:
            socket.send_fds(control, [b"f"], [theirs.fileno()])
    except OSError:
        ours.close()
        raise
    return ours


def _exchange(connection: socket.socket, head: dict[str, Any], buffers: Sequence[Buffer], most: int) -> Message | None:
    try:
        send(connection, head, buffers)
        connection.shutdown(socket.SHUT_WR)
        return receive(connection, most)
    except (
        OSError,
        Interrupted,
        LookupError,
        RecursionError,
        TypeError,
        ValueError,
    ):  # what answered may be in anyone's hands
        return None
