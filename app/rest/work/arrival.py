"""Bodies that are arriving: what has come of them is held in memory, and counts as what is worked on does.

A client that sends slowly does not keep its share while others need it. Small bodies always pass.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.budget import MAX_HELD_BYTES, MAX_SMALL_BODY_BYTES
from app.errors import TooBusy
from app.memory import MIN_BYTES, check_room
from app.rest.work.held import HeldBytes
from app.rest.work.threads import find_held

WATCHED_SECONDS = 10.0
"""How long bytes are counted to see how fast a body comes."""

MIN_BYTES_A_SECOND = 100_000
"""Of a body that may keep its share while another one finds no room."""


class Arrival:
    """A body that is arriving."""

    def __init__(self, held: HeldBytes, deadline: asyncio.Timeout) -> None:
        self._held, self._deadline = held, deadline
        self._loop = asyncio.get_running_loop()
        self._bytes = self._counted = self._bytes_then = self._looked = 0
        self._then, self._was_slow = self._loop.time(), False

    def expect(self, total: int) -> None:
        """Raise `TooBusy` for a body of this length, none of which has come yet, if there is no room for it.

        Raises `MemoryError` if there is no memory for it; that is looked for again while it comes, a MiB at a time.
        """
        if total > MAX_SMALL_BODY_BYTES:
            self._check_budget(total)
            check_room(total)

    def add(self, count: int) -> None:
        """Count further bytes. Raises `TooBusy` if there is no room for them, `MemoryError` if there is no memory."""
        self._bytes += count
        now = self._loop.time()
        if now - self._then >= WATCHED_SECONDS:
            self._was_slow, self._then, self._bytes_then = self.is_slow(), now, self._bytes
        if self._bytes > MAX_SMALL_BODY_BYTES:
            more = self._bytes - self._counted
            self._check_budget(more)
            if self._bytes - self._looked >= MIN_BYTES:
                check_room(self._bytes - self._looked)
                self._looked = self._bytes
            self._counted += more
            self._held.bytes += more

    def is_slow(self) -> bool:
        """Return whether too little has come of late."""
        seconds = self._loop.time() - self._then
        if seconds < WATCHED_SECONDS:
            return self._was_slow
        return self._bytes - self._bytes_then < MIN_BYTES_A_SECOND * seconds

    def end(self) -> None:
        """Stop waiting for the rest."""
        self._held.arrivals.discard(self)
        self._deadline.reschedule(self._loop.time())

    def release(self) -> None:
        """Hold nothing any more."""
        self._held.bytes -= self._counted
        self._counted = 0

    def _check_budget(self, more: int) -> None:
        others = self._held.bytes - self._counted
        if others and self._held.bytes + more > MAX_HELD_BYTES:
            for arrival in self._held.arrivals - {self}:
                if arrival.is_slow():
                    arrival.end()
            raise TooBusy("so many large bodies are being received that there is no room for more; try again later")


@asynccontextmanager
async def arriving(total: int) -> AsyncIterator[Arrival]:
    """Receive a body, of this length if that is known: all that is added to the arrival counts until the end of the block.

    Raises `TooBusy` if there is no room for it, or if it comes slowly and another one needs the room, and `MemoryError` if
    there is no memory for it.
    """
    held = find_held()
    try:
        async with asyncio.timeout(None) as deadline:
            arrival = Arrival(held, deadline)
            arrival.expect(total)
            held.arrivals.add(arrival)
            try:
                yield arrival
            finally:
                held.arrivals.discard(arrival)
                arrival.release()
    except TimeoutError:
        raise TooBusy("the body came so slowly that it had to make room for others; try again later") from None
