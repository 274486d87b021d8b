"""The queue of a server: trainings that wait in the store for their turn, and the process that does one after the other."""

from app.jobs.queue.dead_workers import as_asyncio
from app.jobs.queue.job_queue import JobQueue
from app.jobs.queue.limits import Limits, find_lack
from app.jobs.queue.watchdog import Watchdog

__all__ = ["JobQueue", "Limits", "Watchdog", "as_asyncio", "find_lack"]
