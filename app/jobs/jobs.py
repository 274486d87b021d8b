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

from app.errors import JobInterrupted, QueueFull, StoreError, UnknownJob
from app.jobs.executors import SelfHealingExecutor, as_asyncio
from app.jobs.idempotency import IdempotencyKey
from app.jobs.liveness import HEARTBEAT_SECONDS, ServerProcess
from app.jobs.records import Job, JobRecords, now
from app.jobs.recovery import Recovery
from app.jobs.retention import find_surplus
from app.jobs.task import Task
from app.jobs.worker import run
from app.registry import Registry

log = logging.getLogger("scorecast.jobs")

MAX_ATTEMPTS = 2
"""How often a job is started that was first in the queue of a worker that died, and had recorded no progress."""

POLL_SECONDS = 0.05
"""Seconds between two looks at a job that another server runs."""
CHECK_SECONDS = 0.5
"""Seconds between two looks at a job of this server: one that is cancelled in the queue ends before its worker notices."""

DIED = JobInterrupted("the training process died")
STOPPED = JobInterrupted("the server that ran it stopped")


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
        self._records, self._heartbeats = records, records.heartbeats
        self._recovery = Recovery(records, registry)
        self._executor = SelfHealingExecutor(start_executor)
        self._submitting = threading.Lock()
        self._limits = limits
        self._server = ServerProcess.this_process()
        self._unfinished: dict[str, Future[None]] = {}
        self._closed = threading.Event()

    def prepare(self) -> None:
        """Start the training process, without waiting for it, so that the first training need not."""
        threading.Thread(target=self._send_heartbeats, daemon=True).start()
        self._executor.submit(os.getpid)

    def submit(self, task: Task, key: IdempotencyKey | None = None) -> Job:
        """Queue a training; one whose idempotency key has come before is not queued again.

        Raises `QueueFull`, `IdempotencyKeyReused`.
        """
        with self._submitting:
            if self._closed.is_set():
                raise JobInterrupted("the server is stopping")
            if len(self._unfinished) >= self._limits.queued:
                return self._submitted_before(key)
            job_id = self._records.new_id(key)
            if not self._unfinished:
                self._heartbeats.heartbeat(self._server)
            job = Job(job_id, task.model_name, now())
            if not self._records.submit(job, self._server, key):  # it has come before
                return self.job(job_id)
            self._start(replace(task, job_id=job_id), attempt=1)
        with suppress(StoreError):
            self._remove_surplus()
        return job

    async def wait(self, job_id: str, seconds: float) -> Job:
        """Return the job once it has finished, or as it is when the time is up. Raises `UnknownJob`."""
        deadline = time.monotonic() + seconds
        while True:
            left = deadline - time.monotonic()
            future = self._unfinished.get(job_id)
            if future is not None:
                await asyncio.wait([as_asyncio(future)], timeout=max(0.0, min(left, CHECK_SECONDS)))
            job = await asyncio.to_thread(self.job, job_id)
            if job.is_finished or left <= 0:
                return job
            if future is None or future.done():  # another server's, or begun a second time
                await asyncio.sleep(POLL_SECONDS)

    def ids(self) -> list[str]:
        """Return all job ids, the newest first."""
        return self._records.ids()[::-1]

    def find(self, ids: Iterable[str]) -> list[Job]:
        """Return the jobs of these ids, without those that have been forgotten, or of which only a trace is left."""
        found: list[Job] = []
        for job_id in ids:
            with suppress(UnknownJob):
                found.append(self.job(job_id))
        return found

    def job(self, job_id: str) -> Job:
        """Return what a job is at this moment. Raises `UnknownJob`."""
        job, server = self._records.read(job_id)
        if job.is_finished:
            return job
        if (reason := self._recovery.reason(job_id)) is not None:
            return self._recovery.record(job, reason)
        return job if self._heartbeats.is_alive(server) else self._recovery.record(job, STOPPED)

    def cancel(self, job_id: str) -> Job:
        """Ask a job to stop, which it does at its next epoch; a finished one stays as it is. Raises `UnknownJob`."""
        if not self.job(job_id).is_finished:
            self._records.ask_to_cancel(job_id)
            if (future := self._unfinished.get(job_id)) is not None:
                future.cancel()
            # A worker that starts a job records that first, and then looks whether it is cancelled.
            if self.job(job_id).status == "queued":
                self._records.finish(job_id, "cancelled")
        return self.job(job_id)

    def close(self, end_at_once: Callable[[], None]) -> None:
        """Give up all trainings, as the server stops; `end_at_once` ends what the executor runs."""
        self._closed.set()
        unfinished = list(self._unfinished)
        end_at_once()
        self._executor.close()
        with suppress(StoreError):
            for job_id in unfinished:  # only now: no training publishes any more
                self._recovery.record(self._records.read(job_id)[0], STOPPED)
            self._heartbeats.end(self._server)

    def _send_heartbeats(self) -> None:
        """Record every few seconds that this server lives, while it has unfinished jobs, and what could not be recorded before."""
        while not self._closed.wait(HEARTBEAT_SECONDS):
            if self._unfinished:
                with suppress(StoreError):
                    self._heartbeats.heartbeat(self._server)
            self._recovery.record_all()

    def _submitted_before(self, key: IdempotencyKey | None) -> Job:
        """Return the job of a request that has come before with this key; a new request is refused."""
        taken = self._records.existing_job(key) if key else None
        for job in self.find(filter(None, [taken])):
            return job
        raise QueueFull(f"{len(self._unfinished)} trainings are waiting already; try again later")

    def _start(self, task: Task, attempt: int) -> None:
        try:
            future, executor = self._executor.submit(run, task)
        except OSError as error:
            self._recovery.record_later(task.job_id, JobInterrupted(f"no training process can be started: {error}"))
            self._unfinished.pop(task.job_id, None)
            return
        self._unfinished[task.job_id] = future
        future.add_done_callback(lambda done: self._finish(task, attempt, executor, done))

    def _finish(self, task: Task, attempt: int, executor: Executor, future: Future[None]) -> None:
        """Make sure, when a worker is done with a job, that the records say how it ended."""
        if self._closed.is_set() or future.cancelled() or (error := future.exception()) is None:
            self._unfinished.pop(task.job_id, None)
            return
        if isinstance(error, BrokenExecutor):
            self._executor.replace(executor)
            if self._retry(task, attempt):
                return
            error = DIED
        log.error("job %s ended without a result", task.job_id, exc_info=future.exception())
        self._recovery.record_later(task.job_id, error if isinstance(error, Exception) else DIED)
        self._unfinished.pop(task.job_id, None)

    def _retry(self, task: Task, attempt: int) -> bool:
        """Start a job again if its worker died before it began; a job that was first in the queue may be the cause."""
        with suppress(StoreError):
            is_first = next(iter(self._unfinished)) == task.job_id
            if self._records.read(task.job_id)[0].status == "queued" and attempt + is_first <= MAX_ATTEMPTS:
                self._start(task, attempt + is_first)
                return True
        return False

    def _remove_surplus(self) -> None:
        """Remove the records of finished jobs that are too many, or too old."""
        for job_id in find_surplus(self._records.ids(), self._limits.kept, self._limits.kept_seconds):
            if job_id not in self._unfinished and all(job.is_finished for job in self.find([job_id])):
                self._records.forget(job_id)
