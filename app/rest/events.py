"""A job's progress as server-sent events, from any server: they are read from the job's records."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable

from app.rest.bodies import JobAnswer

INTERVAL = 0.1
"""Seconds between two events, at the least."""
PING_AFTER = 15.0
"""Seconds of silence after which a comment shows that the connection lives."""


def event_id(job: JobAnswer) -> str:
    """Return what tells this state of a job from the others."""
    return f"{job.status}-{job.epoch if job.epoch is not None else 0}"


async def events(read: Callable[[], JobAnswer], seen: str | None) -> AsyncIterator[str]:
    """Yield the job whenever it has changed from what the client has `seen`; end with its final state."""
    quiet = 0.0
    while True:
        job = await asyncio.to_thread(read)
        if event_id(job) != seen:
            seen, quiet = event_id(job), 0.0
            yield f"id: {seen}\nevent: {job.status}\ndata: {json.dumps(job.model_dump())}\n\n"
        if job.finished is not None:
            return
        if quiet >= PING_AFTER:
            quiet = 0.0
            yield ": ping\n\n"
        await asyncio.sleep(INTERVAL)
        quiet += INTERVAL
