"""An owner is a server process, named so that others can tell whether it still lives."""

import os
from dataclasses import dataclass
from pathlib import Path


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
