"""Counts: numbers by name in a piece of memory, which one process writes and others may read.

The memory begins with the id of the process that writes, and how many bytes of names there are. Names follow, one a line,
in the order of their numbers; then the numbers. A name is written before it counts as there, and a number changes by one
write of eight bytes, so no reader needs a lock. Nothing is ever removed: a process that takes the place of another goes on
where that ended.
"""

import json
import os
from collections import Counter
from threading import Lock

from pydantic_core import to_json

HEAD_BYTES = 16
NAMES_BYTES = 128 * 1024
"""Room for the names; those that find none have no number of their own."""
MAX_NUMBERS = 2048
COUNTS_BYTES = HEAD_BYTES + NAMES_BYTES + 8 * MAX_NUMBERS

PROCESS, USED = 0, 1
"""Where the head has what."""

Name = tuple[str, ...]
"""A metric, then what tells its series apart."""


class Counts:
    """The numbers of one process."""

    def __init__(self, memory: memoryview) -> None:
        self._head = memory[:HEAD_BYTES].cast("q")
        self._text = memory[HEAD_BYTES : HEAD_BYTES + NAMES_BYTES]
        self.numbers = memory[HEAD_BYTES + NAMES_BYTES : COUNTS_BYTES].cast("d")
        """To be added to with the lock held."""
        self.lock = Lock()
        self._places: dict[Name, int] = {}
        self._series = Counter[str]()
        """Of each metric, how many there are."""

    @staticmethod
    def private() -> "Counts":
        """Return counts that no other process reads."""
        counts = Counts(memoryview(bytearray(COUNTS_BYTES)))
        counts.begin()
        return counts

    def begin(self) -> None:
        """Have this process write, from where the last one ended."""
        names = self._read_names()
        self._places = {name: place for place, name in enumerate(names)}
        self._series = Counter(name[0] for name in names)
        self._head[PROCESS] = os.getpid()

    def end(self) -> None:
        """Have no process write any more."""
        self._head[PROCESS] = 0

    @property
    def process(self) -> int:
        """The id of the process that writes; 0: none does."""
        return self._head[PROCESS]

    def place(self, *name: str, limit: int = MAX_NUMBERS) -> int | None:
        """Return where a number stands; None: there is none of this name, and no room, or the metric has `limit` series."""
        with self.lock:
            if name not in self._places and (self._series[name[0]] >= limit or not self._append(name)):
                return None
            return self._places[name]

    def read(self) -> dict[Name, float]:
        """Return all numbers by their names."""
        return dict(zip(self._read_names(), self.numbers, strict=False))

    def _append(self, name: Name) -> bool:
        line, used = to_json(name) + b"\n", self._head[USED]
        if used + len(line) > NAMES_BYTES or len(self._places) == MAX_NUMBERS:
            return False
        self._text[used : used + len(line)] = line
        self._head[USED] = used + len(line)
        self._places[name] = len(self._places)
        self._series[name[0]] += 1
        return True

    def _read_names(self) -> list[Name]:
        return [tuple(json.loads(line)) for line in bytes(self._text[: self._head[USED]]).split(b"\n")[:-1]]
