"""A job's progress as server-sent events, from any server: they are read from the job's records.

Each job that is watched has one reader, however many watch it, and its events are written a few streams at a time, so that
predictions come in between.
"""

import asyncio
import json
import resource
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from weakref import WeakSet

from app.errors import StoreError, TooBusy, UnknownJob
from app.rest.bodies import JobAnswer

INTERVAL = 0.1
"""Seconds between two events, at the least."""
PING_AFTER = 15.0
"""Seconds of silence after which a comment shows that the connection lives."""
STREAMS_AT_ONCE = 2
"""How many streams are written to before other requests have their turn."""
PAUSE = 0.005
"""Seconds that other requests have then."""


def _make_last_event(detail: str) -> str:
    """Return the last event where the job has not finished: it has no id, so the client's place in the stream stays as it was."""
    return f"event: stopping\ndata: {json.dumps({'detail': detail})}\n\n"


STOPPING = _make_last_event("the server is stopping: connect again")
WITHDRAWN = _make_last_event(
    "the key with which this stream was opened has been withdrawn or changed: connect again with a valid key"
)

Read = Callable[[], JobAnswer]


def event_id(job: JobAnswer) -> str:
    """Return what tells this state of a job from the others."""
    return f"{job.status}-{job.epoch if job.epoch is not None else 0}"


@dataclass(eq=False)
class _Watched:
    """A job that is watched: its last state, and those who wait for the next."""

    streams: int = 0
    id: str | None = None
    event: str = ""
    is_over: bool = False
    """There will be no more events."""
    waiting: list[asyncio.Future[None]] = field(default_factory=list)
    reader: asyncio.Task[None] | None = None

    def update(self, job: JobAnswer) -> bool:
        """Take over what the job is now; return whether that is news."""
        if event_id(job) == self.id:
            return False
        self.id, self.is_over = event_id(job), job.finished is not None
        self.event = f"id: {self.id}\nevent: {job.status}\ndata: {json.dumps(job.model_dump())}\n\n"
        return True

    async def wait(self) -> bool:
        """Return whether there is news, within `PING_AFTER` seconds."""
        change = asyncio.get_running_loop().create_future()
        self.waiting.append(change)
        done, _ = await asyncio.wait([change], timeout=PING_AFTER)
        return bool(done)

    async def tell(self) -> None:
        """Wake those who wait, a few at a time."""
        waiting, self.waiting = self.waiting, []
        for number, change in enumerate(waiting, 1):
            if not change.done():
                change.set_result(None)
            if number % STREAMS_AT_ONCE == 0:
                await asyncio.sleep(PAUSE)


@dataclass(eq=False)
class _Stream:
    """The place that one stream takes among those that may be open."""

    seen: str | None
    """What its client has seen last."""
    is_allowed: Callable[[], bool]
    """Whether its client may still have the events."""


class EventStreams:
    """All event streams of a server process."""

    def __init__(self, is_stopping: Callable[[], bool], most: int) -> None:
        """At most so many are open; also at most half as many as the process may have files open."""
        self._is_stopping = is_stopping
        self._watched: dict[str, _Watched] = {}
        self._most = min(most, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2)
        self._open: WeakSet[_Stream] = WeakSet()
        """Streams that were given out and have not ended; one whose first event is never asked for goes with its generator."""

    def follow(self, job_id: str, read: Read, seen: str | None, is_allowed: Callable[[], bool]) -> AsyncIterator[str]:
        """Return a stream of a job's events from what the client has `seen`, while it is allowed to have them.

        Raises `TooBusy` where too many are open.
        """
        if len(self._open) >= self._most:
            raise TooBusy(
                f"{self._most} event streams are open already, as many as are allowed (SCORECAST_MAX_EVENT_STREAMS, and "
                "at most half of the files that the process may open): ask for the job itself, or try again later"
            )
        stream = _Stream(seen, is_allowed)
        self._open.add(stream)
        return self._events(stream, job_id, read)

    async def _events(self, stream: "_Stream", job_id: str, read: Read) -> AsyncIterator[str]:
        """Yield a job whenever it has changed from what the client has seen; end with its final state."""
        watched = self._join(job_id, read)
        try:
            while True:
                if not stream.is_allowed():
                    yield WITHDRAWN
                    return
                if watched.id not in {None, stream.seen}:
                    stream.seen = watched.id
                    yield watched.event
                if watched.is_over:
                    return
                if self._is_stopping():
                    yield STOPPING
                    return
                if not await watched.wait():
                    yield ": ping\n\n"
        finally:
            watched.streams -= 1
            self._open.discard(stream)

    def _join(self, job_id: str, read: Read) -> _Watched:
        watched = self._watched.get(job_id)
        if watched is None:
            watched = self._watched[job_id] = _Watched()
            watched.reader = asyncio.create_task(self._follow(job_id, watched, read))
        watched.streams += 1
        return watched

    async def _follow(self, job_id: str, watched: _Watched, read: Read) -> None:
        """Read a job again and again, while anyone watches it and it has not ended."""
        try:
            while watched.streams and not watched.is_over and not self._is_stopping():
                if await self._read(watched, read):
                    await watched.tell()
                if not watched.is_over:
                    await asyncio.sleep(INTERVAL)
        finally:
            self._watched.pop(job_id, None)
            watched.is_over = watched.is_over or not self._is_stopping()
            await watched.tell()

    @staticmethod
    async def _read(watched: _Watched, read: Read) -> bool:
        """Return whether the job has changed."""
        try:
            return watched.update(await asyncio.to_thread(read))
        except StoreError:  # it may be there again the next time
            return False
        except UnknownJob:  # it has been forgotten
            watched.is_over = True
            return True
