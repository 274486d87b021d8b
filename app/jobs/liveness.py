"""Liveness: whether the server that owns a job still runs, by its process where that can be seen, or else by its heartbeats."""

import errno
import json
import os
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter

from app.errors import StoreError
from app.store import MissingKey, Store, pass_over

HEARTBEAT_SECONDS = 2.0
"""Seconds between two heartbeats of a server with unfinished jobs."""
DEAD_AFTER_SECONDS = 15.0
"""A server without a heartbeat for so long is taken for dead."""


@dataclass(frozen=True)
class ServerProcess:
    """A server's process, told from every other on any machine."""

    table: str
    """Its process table: the boot id and the pid namespace. Only processes of the same table can see each other."""
    pid: int
    birth: str
    """When the process began, in clock ticks after boot: process ids are used again, the pair is not."""

    @staticmethod
    def this_process() -> "ServerProcess":
        """Return the `ServerProcess` of this process."""
        return ServerProcess._of(os.getpid())

    @staticmethod
    def with_its_siblings(processes: int) -> "ServerProcess":
        """Return what stands for all of a server's processes: the parent of several, or the only one."""
        return ServerProcess._of(os.getppid() if processes > 1 else os.getpid())

    @staticmethod
    def _of(pid: int) -> "ServerProcess":
        return ServerProcess(_process_table(), pid, _birth(pid))

    @property
    def key(self) -> str:
        """A name that no other server process has."""
        return f"{self.table}-{self.pid}-{self.birth}"

    @property
    def is_visible(self) -> bool:
        """Whether this process could see it."""
        return self.table == _process_table() != "unseen"

    def is_alive(self) -> bool:
        """Whether the process, which is visible, still lives."""
        return _birth(self.pid) == self.birth


class Heartbeats:
    """The heartbeats of all server processes, in a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def heartbeat(self, server: ServerProcess) -> None:
        """Record that a server lives."""
        self._store.put(_key(server), json.dumps({"at": time.time()}).encode(), is_durable=False)

    def end(self, server: ServerProcess) -> None:
        """Remove a server's heartbeat, as it stops."""
        self._store.delete(_key(server))

    def is_alive(self, server: ServerProcess) -> bool:
        """Whether a server lives: by its process, if that is visible from here, or else by a recent heartbeat."""
        if server.is_visible:
            return server.is_alive()
        with suppress(MissingKey, ValueError, KeyError, TypeError):  # there is none, or it is damaged
            heartbeat = json.loads(self._store.get(_key(server)))
            return bool(time.time() - heartbeat["at"] < DEAD_AFTER_SECONDS)
        return False


class Owners:
    """The servers that have taken over jobs which waited in others, in a store: records numbered 1, 2, 3, ... of each job."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def last(self, job_id: str) -> ServerProcess | None:
        """Return the server that has taken over a job last; None if none has."""
        return next(iter(self._all(job_id)[::-1]), None)

    def take_over(self, job_id: str, server: ServerProcess) -> bool:
        """Make a server the owner of a job; False if another server was faster."""
        number = len(self._all(job_id)) + 1
        return self._store.create(_owner_key(job_id, number), json.dumps(asdict(server)).encode())

    def forget(self, job_id: str) -> None:
        """Remove the records of a job."""
        for number in range(len(self._all(job_id)), 0, -1):
            self._store.delete(_owner_key(job_id, number))

    def _all(self, job_id: str) -> list[ServerProcess]:
        found: list[ServerProcess] = []
        with suppress(MissingKey):
            while True:
                found.append(self._read(_owner_key(job_id, len(found) + 1)))
        return found

    def _read(self, key: str) -> ServerProcess:
        data = self._store.get(key)
        try:
            return _SERVERS.validate_json(data)
        except ValueError:
            pass_over(key, "it is damaged")
            return _NOBODY


_SERVERS = TypeAdapter(ServerProcess)

_NOBODY = ServerProcess("nobody", 0, "0")
"""A server that does not live."""


def _owner_key(job_id: str, number: int) -> str:
    return f"jobs/{job_id}/owner-{number}.json"


def _key(server: ServerProcess) -> str:
    return f"owners/{server.key}.json"


def _process_table() -> str:
    try:
        return _read_process_table()
    except OSError:  # not Linux: there it is known by its heartbeats alone
        return "unseen"


@cache  # it stays the same, also while no more files can be opened
def _read_process_table() -> str:
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    return f"{boot}-{Path('/proc/self/ns/pid').stat().st_ino}"


def is_stopped(pid: int) -> bool:
    """Whether a process is stopped by a signal (SIGSTOP); where that cannot be seen, it is not."""
    return _state_and_birth(pid)[0] == "T"


def _birth(pid: int) -> str:
    """Return when a process began, in clock ticks since the system did; nothing of one that is not there or has ended."""
    state, birth = _state_and_birth(pid)
    return "" if state in "ZX" else birth


def _state_and_birth(pid: int) -> tuple[str, str]:
    """Return what `proc_pid_stat(5)` says of a process; nothing of one that is not there.

    Raises `StoreError` where no more files can be opened: then nobody knows whether the process is there.
    """
    try:
        # The second field of the line, the command's name, may itself hold spaces and brackets.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError as error:
        if error.errno in {errno.EMFILE, errno.ENFILE}:
            raise StoreError(f"the store cannot be used: {error.strerror}") from error
        return "", ""
    return fields[0], fields[19]
