"""Liveness: whether a server still runs, by its process where that can be seen, or else by its heartbeats."""

import json
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from app.store import MissingKey, Store

BEAT_SECONDS = 2.0
"""Between two beats."""
DEAD_AFTER = 15.0
"""Seconds without a beat."""


@dataclass(frozen=True)
class Owner:
    """A process among those that it can see."""

    table: str
    """Which processes it can see: the system that was started, and the namespace in it. Containers share none."""
    pid: int
    birth: str
    """When the process began, in the kernel's own words: process ids are used again, this is not."""

    @staticmethod
    def this_process() -> "Owner":
        """Return the owner that this process is."""
        return Owner(_process_table(), os.getpid(), _birth(os.getpid()))

    @property
    def key(self) -> str:
        """A name that no other owner has."""
        return f"{self.table}-{self.pid}-{self.birth}"

    @property
    def is_visible(self) -> bool:
        """Whether this process could see it."""
        return self.table == _process_table() != "unseen"

    def is_alive(self) -> bool:
        """Whether the process, which is visible, still lives."""
        return _birth(self.pid) == self.birth


class Beats:
    """The beats of all owners in a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def beat(self, owner: Owner) -> None:
        """Note that an owner lives."""
        self._store.put(_key(owner), json.dumps({"at": time.time()}).encode())

    def end(self, owner: Owner) -> None:
        """Forget that an owner lived."""
        self._store.delete(_key(owner))

    def is_alive(self, owner: Owner) -> bool:
        """Whether an owner lives: its process, where that can be seen, or else a beat that is not long ago."""
        if owner.is_visible:
            return owner.is_alive()
        with suppress(MissingKey, ValueError, KeyError, TypeError):  # there is none, or it is damaged
            beat = json.loads(self._store.get(_key(owner)))
            return bool(time.time() - beat["at"] < DEAD_AFTER)
        return False


def _key(owner: Owner) -> str:
    return f"owners/{owner.key}.json"


def _process_table() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
        return f"{boot}-{Path('/proc/self/ns/pid').stat().st_ino}"
    except OSError:  # not Linux: there it is known by its beats alone
        return "unseen"


def _birth(pid: int) -> str:
    """Return when a process began, in clock ticks since the system did; nothing of one that is not there or has ended."""
    try:
        # The second field of the line, the command's name, may itself hold spaces and brackets.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    state, birth = fields[0], fields[19]
    return "" if state in "ZX" else birth
