"""An owner is a server process, named so that others can tell whether it still lives."""

import os
import platform
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Owner:
    """A process on a host."""

    host: str
    pid: int
    birth: str
    """When the process began, in the kernel's own words: process ids are used again, this is not."""

    @staticmethod
    def this_process() -> "Owner":
        """Return the owner that this process is."""
        return Owner(platform.node(), os.getpid(), _birth(os.getpid()))

    def is_alive(self) -> bool:
        """Whether the process still lives; of a process on another host nothing is known, so it is taken to."""
        return self.host != platform.node() or _birth(self.pid) == self.birth


def _birth(pid: int) -> str:
    """Return when a process began, in clock ticks since the system did; nothing of one that is not there or has ended."""
    try:
        # The second field of the line, the command's name, may itself hold spaces and brackets.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    state, birth = fields[0], fields[19]
    return "" if state in "ZX" else birth
