"""A job is one training: asked for in a server, done in a worker process, watched from anywhere."""

import asyncio
import logging
import os
import threading
import time
from collections.abc import Callable, Iterable
from concurrent.futures import BrokenExecutor, Executor, Future
from contextlib import suppress
from dataclasses import dataclass, replace

from app.jobs.executors import Pool, end_of
from app.jobs.idempotency import Claim
from app.jobs.liveness import BEAT_SECONDS, Owner
from app.jobs.records import Job, JobInterrupted, JobRecords, UnknownJob, now
from app.jobs.recovery import Endings
from app.jobs.task import Task
from app.jobs.worker import run
from app.registry import Registry
from app.store import StoreError

log = logging.getLogger("scorecast.jobs")

ATTEMPTS = 2
"""How often a job is begun that is the first in a worker's queue when it dies, and has not told of any progress."""

POLL_SECONDS = 0.05
"""Between two looks at a job that runs elsewhere."""
LOOK_SECONDS = 0.5
"""Between two looks at a job that runs here: one that is cancelled in the queue has ended before its worker knows."""

DIED = JobInterrupted("the training process died")
STOPPED = JobInterrupted("the server that ran it stopped")


class QueueFull(Exception):
    """So many jobs are waiting that no more are taken."""


@dataclass(frozen=True)
class Limits:
    """How many jobs a server has at a time, and how many finished ones it remembers."""

    queued: int = 100
    kept: int = 1000
    kept_seconds: float = 7 * 24 * 3600


class Jobs:
    """A server's trainings: submit, watch, cancel."""

    def __init__(
        self, records: JobRecords, registry: Registry, start_executor: Callable[[], Executor], limits: Limits
    ) -> None:
        self._records, self._beats = records, records.beats
        self._endings = Endings(records, registry)
        self._pool = Pool(start_executor)
        self._submitting = threading.Lock()
        self._limits = limits
        self._owner = Owner.this_process()
        self._unfinished: dict[str, Future[None]] = {}
        self._closed = threading.Event()

    def prepare(self) -> None:
        """Start the training process, without waiting for it, so that the first training need not."""
        threading.Thread(target=self._beat, daemon=True).start()
        self._pool.submit(os.getpid)

    def submit(self, task: Task, claim: Claim | None = None) -> Job:
        """Queue a training; one that is claimed and has come before is not queued again.

        Raises `QueueFull`, `OtherRequest`.
        """
        with self._submitting:
            if self._closed.is_set():
                raise JobInterrupted("the server is stopping")
            if len(self._unfinished) >= self._limits.queued:
                return self._submitted_before(claim)
            job_id = self._records.new_id(claim)
            if not self._unfinished:
                self._beats.beat(self._owner)
            job = Job(job_id, task.model_name, now())
            if not self._records.submit(job, self._owner, claim):  # it has come before
                return self.job(job_id)
            self._start(replace(task, job_id=job_id), attempt=1)
        with suppress(StoreError):
            self._forget_the_oldest()
        return job

    async def wait(self, job_id: str, seconds: float) -> Job:
        """Return the job once it has finished, or as it is when the time is up. Raises `UnknownJob`."""
        deadline = time.monotonic() + seconds
        while True:
            left = deadline - time.monotonic()
            future = self._unfinished.get(job_id)
            if future is not None:
                await asyncio.wait([end_of(future)], timeout=max(0.0, min(left, LOOK_SECONDS)))
            job = await asyncio.to_thread(self.job, job_id)
            if job.is_finished or left <= 0:
                return job
            if future is None or future.done():  # another server's, or begun a second time
                await asyncio.sleep(POLL_SECONDS)

    def ids(self) -> list[str]:
        """Return all job ids, the newest first."""
        return self._records.ids()[::-1]

    def known(self, ids: Iterable[str]) -> list[Job]:
        """Return the jobs of these ids, without those that have been forgotten, or of which only a trace is left."""
        found: list[Job] = []
        for job_id in ids:
            with suppress(UnknownJob):
                found.append(self.job(job_id))
        return found

    def job(self, job_id: str) -> Job:
        """Return what a job is at this moment. Raises `UnknownJob`."""
        job, owner = self._records.read(job_id)
        if job.is_finished:
            return job
        if (reason := self._endings.reason(job_id)) is not None:
            return self._endings.record(job, reason)
        return job if self._beats.is_alive(owner) else self._endings.record(job, STOPPED)

    def cancel(self, job_id: str) -> Job:
        """Ask a job to stop, which it does at its next epoch; a finished one stays as it is. Raises `UnknownJob`."""
        if not self.job(job_id).is_finished:
            self._records.ask_to_cancel(job_id)
            if (future := self._unfinished.get(job_id)) is not None:
                future.cancel()
            # Whoever begins a job first tells of it, and then looks whether it is still wanted.
            if self.job(job_id).status == "queued":
                self._records.finish(job_id, "cancelled")
        return self.job(job_id)

    def close(self, end_at_once: Callable[[], None]) -> None:
        """Give up all trainings, as the server stops; `end_at_once` ends what the executor runs."""
        self._closed.set()
        unfinished = list(self._unfinished)
        end_at_once()
        self._pool.close()
        with suppress(StoreError):
            for job_id in unfinished:  # only now: nobody publishes any more
                self._endings.record(self._records.read(job_id)[0], STOPPED)
            self._beats.end(self._owner)

    def _beat(self) -> None:
        """Note again and again that this server lives, while it has unfinished jobs; catch up with the ends of others."""
        while not self._closed.wait(BEAT_SECONDS):
            if self._unfinished:
                with suppress(StoreError):
                    self._beats.beat(self._owner)
            self._endings.record_all()

    def _submitted_before(self, claim: Claim | None) -> Job:
        """Return the job that a claimed request has been taken for already; a new one is not taken now."""
        taken = self._records.claimed(claim) if claim else None
        for job in self.known(filter(None, [taken])):
            return job
        raise QueueFull(f"{len(self._unfinished)} trainings are waiting already; try again later")

    def _start(self, task: Task, attempt: int) -> None:
        try:
            future, executor = self._pool.submit(run, task)
        except OSError as error:
            self._endings.remember(task.job_id, JobInterrupted(f"no training process can be started: {error}"))
            self._unfinished.pop(task.job_id, None)
            return
        self._unfinished[task.job_id] = future
        future.add_done_callback(lambda done: self._settle(task, attempt, executor, done))

    def _settle(self, task: Task, attempt: int, executor: Executor, future: Future[None]) -> None:
        """When the worker has left a job, see to it that the job's records say how it ended."""
        if self._closed.is_set() or future.cancelled() or (error := future.exception()) is None:
            self._unfinished.pop(task.job_id, None)
            return
        if isinstance(error, BrokenExecutor):
            self._pool.renew(executor)
            if self._retry(task, attempt):
                return
            error = DIED
        log.error("job %s came to no end", task.job_id, exc_info=future.exception())
        self._endings.remember(task.job_id, error if isinstance(error, Exception) else DIED)
        self._unfinished.pop(task.job_id, None)

    def _retry(self, task: Task, attempt: int) -> bool:
        """Give a job to the next worker if its own has died of another one; the first in the queue may be to blame."""
        with suppress(StoreError):
            is_first = next(iter(self._unfinished)) == task.job_id
            if self._records.read(task.job_id)[0].status == "queued" and attempt + is_first <= ATTEMPTS:
                self._start(task, attempt + is_first)
                return True
        return False

    def _forget_the_oldest(self) -> None:
        """Remove the records of finished jobs that are too many, or too old."""
        for job_id in self._records.surplus(self._limits.kept, self._limits.kept_seconds):
            if job_id not in self._unfinished and all(job.is_finished for job in self.known([job_id])):
                self._records.forget(job_id)
