"""The process in which pyarrow is loaded: for each body it forks another, which reads or writes that alone, and ends.

It never sees a body itself, so whatever one does to the process that reads it is gone with that. It has one end of a socket
from its server, and ends once nobody has asked for a while, or that has gone.
"""

import os
import resource
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from importlib.abc import MetaPathFinder
from pathlib import Path
from typing import Any

import pyarrow as pa

from app.errors import BodyTooLarge, InvalidBody, shorten
from app.frames.arrow_reading import read
from app.frames.arrow_writing import write
from app.frames.frame import Buffer, describe, restore
from app.frames.messages import BEGUN, receive, send

IDLE_SECONDS = 300
"""After so long without a request the process ends, and gives back its memory; the next request starts another."""

MOST_BYTES = 2**40
"""Of a message from the server, which is trusted."""

_PAGE_BYTES = resource.getpagesize()


class _WithoutPandas(MetaPathFinder):
    """Finds no pandas: pyarrow would load it where it is installed, for each body anew, which takes seconds."""

    def find_spec(self, name: str, *_: object) -> None:
        if name == "pandas":
            raise ModuleNotFoundError(name)


def main() -> None:
    """Fork a process for each socket that is sent, until there are none."""
    sys.meta_path.insert(0, _WithoutPandas())
    control = socket.socket(fileno=int(sys.argv[1]))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for those that end
    pa.set_cpu_count(1)
    with suppress(OSError):  # where memory runs out it is this that goes, not the server
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    control.settimeout(IDLE_SECONDS)
    with suppress(TimeoutError, OSError):
        while asked := socket.recv_fds(control, 1, 1):
            message, descriptors, *_ = asked
            if not message:
                return
            _fork(control, descriptors[0])


def _fork(control: socket.socket, descriptor: int) -> None:
    """Answer what comes over a socket in a process of its own."""
    with socket.socket(fileno=descriptor) as connection:
        try:
            is_child = os.fork() == 0
        except OSError:  # the server sees that nothing has begun
            return
        if not is_child:
            return
        control.close()
        with suppress(BaseException):
            _answer(connection)
        os._exit(0)


def _answer(connection: socket.socket) -> None:
    connection.sendall(BEGUN)
    with Path(os.devnull).open("w") as nowhere:  # what a library says as it crashes
        os.dup2(nowhere.fileno(), sys.stderr.fileno())
    head, buffers = receive(connection, MOST_BYTES)
    _limit(head["memory"], head["seconds"])
    send(connection, *_work(head, buffers))


def _limit(memory: int, seconds: int) -> None:
    """Have this process take no more than so much memory beside what it has, nor run for longer."""
    with suppress(OSError):
        taken = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) * _PAGE_BYTES
        _lower(resource.RLIMIT_AS, taken + memory)
    _lower(resource.RLIMIT_CPU, seconds)
    _lower(resource.RLIMIT_CORE, 0)


def _lower(kind: int, most: int) -> None:
    """Limit what this process may take, to no more than it may take already."""
    hard = resource.getrlimit(kind)[1]
    most = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (most, most))


def _work(head: Mapping[str, Any], buffers: Sequence[Buffer]) -> tuple[dict[str, Any], list[Buffer]]:
    """Return the message that answers a request."""
    try:
        if head["task"] == "read":
            told, found = describe(read(buffers[0], head["media_type"], head["max_bytes"]))
            return {"frame": told}, found
        return {"body": True}, [write(restore(head["frame"], buffers), head["media_type"])]
    except Exception as error:  # pyarrow's, and those of whatever stumbles over what anyone sent
        return _describe_error(error), []


_ERRORS: Mapping[type[Exception], str] = {MemoryError: "memory", InvalidBody: "invalid", BodyTooLarge: "large"}
"""What an error is called in a message; pyarrow's own for memory is a `MemoryError`, too. Any other is \"malformed\"."""


def _describe_error(error: Exception) -> dict[str, Any]:
    kind = next((word for known, word in _ERRORS.items() if isinstance(error, known)), "malformed")
    first_line = str(error).strip().partition("\n")[0]
    errors = [[each.detail, each.pointer] for each in error.errors] if isinstance(error, InvalidBody) else []
    return {"error": kind, "detail": shorten(first_line or type(error).__name__), "errors": errors}


if __name__ == "__main__":
    main()
