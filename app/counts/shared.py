"""The counts of several processes that serve: each writes its own, and any of them can tell what all have counted.

The memory is made by the process that supervises them. It has more places than there are processes, since one that is
replaced goes on until its successor serves. The successor of one that has gone counts on from what that had counted, so that
no counter ever goes down, and memory does not grow.
"""

import os
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from app.counts.counts import COUNTS_BYTES, Counts, Name


def counts_bytes(processes: int) -> int:
    """Return how many bytes the counts of so many processes take."""
    return processes * COUNTS_BYTES


@dataclass(frozen=True, eq=False)
class SharedCounts:
    """The counts of all processes of a server."""

    own: Counts
    """Of this process."""
    places: tuple[Counts, ...]
    """Of all of them."""
    buckets: memoryview | None = None
    """Where all of them count the requests of each client (`app.rates`); None: there is but one."""

    @staticmethod
    def of_one() -> "SharedCounts":
        """Return the counts of a process that serves alone."""
        own = Counts.private()
        return SharedCounts(own, (own,))

    @staticmethod
    def of_several(memory: memoryview, place: int | None, buckets: memoryview | None = None) -> "SharedCounts":
        """Return the counts in a memory, in which this process has a place; None: it has none, and counts for no one."""
        starts = range(0, len(memory), COUNTS_BYTES)
        places = tuple(Counts(memory[start : start + COUNTS_BYTES]) for start in starts)
        own = Counts.private() if place is None else places[place]
        own.begin()
        return SharedCounts(own, places, buckets)

    @property
    def is_single(self) -> bool:
        """Whether there is but one process that serves."""
        return len(self.places) == 1

    def read(self) -> dict[Name, float]:
        """Return the sums over all processes, with those that have gone."""
        total = Counter[Name]()
        for counts in self.places:
            for name, number in counts.read().items():
                total[name] += number  # type: ignore[assignment]  # numbers of any kind can be counted
        return dict(total)

    def processes(self) -> Iterator[int]:
        """Yield the ids of the processes that live."""
        for process in filter(None, [counts.process for counts in self.places]):
            with suppress(ProcessLookupError):
                os.kill(process, 0)
                yield process
