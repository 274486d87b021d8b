"""A job is one training: asked for in a server, done in a worker process, watched from anywhere."""

import math
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace

from app.errors import JobInterrupted, QueueFull, StoreError, StoreFull, UnknownJob
from app.jobs.idempotency import IdempotencyKey
from app.jobs.job import Job
from app.jobs.job_ids import find_surplus
from app.jobs.liveness import HEARTBEAT_SECONDS, ServerProcess
from app.jobs.queue import JobQueue, Limits, Watchdog, as_asyncio, find_lack
from app.jobs.records import JobRecords
from app.jobs.recovery import STOPPED, Recovery
from app.jobs.spool import Spool
from app.jobs.task import Task
from app.jobs.training_process import Runner
from app.logs import now
from app.registry import Registry

POLL_SECONDS = 0.05
"""Seconds between two looks at a job that another server runs."""
CHECK_SECONDS = 0.5
"""Seconds between two looks at a job of this server: one that is cancelled in the queue ends before its worker notices."""

INTERRUPTIONS = {kind.__name__ for kind in (JobInterrupted, StoreError, StoreFull)}
"""Failures that say nothing of the request: sent again, it is carried out again."""


class Jobs:
    """A server's trainings: submit, watch, cancel."""

    def __init__(self, records: JobRecords, registry: Registry, spool: Spool, runner: Runner, limits: Limits) -> None:
        self._records, self._heartbeats, self._registry = records, records.heartbeats, registry
        self._recovery, self._spool = Recovery(records, registry), spool
        self._queue = JobQueue(records, self._recovery, spool, runner)
        self._watchdog = Watchdog(runner, records, limits.training_seconds)
        self._submitting = threading.Lock()
        self._limits = limits
        self._server = ServerProcess.this_process()
        self._stopping_since, self._answer_by = "", math.inf
        self._closed = threading.Event()

    def prepare(self) -> None:
        """Start the training process, without waiting for it, so that the first training need not."""
        threading.Thread(target=self._send_heartbeats, daemon=True).start()
        with suppress(StoreError):
            self._records.remove_free_locks()
        self._queue.prepare()

    def submit(self, task: Task, key: IdempotencyKey | None = None) -> Job:
        """Queue a training; one whose idempotency key has come before is not queued again, unless it was interrupted.

        Raises `QueueFull`, `IdempotencyKeyReused`.
        """
        with self._submitting:
            if self._closed.is_set():
                raise JobInterrupted("the server is stopping")
            if lack := find_lack(self._queue.unfinished, task.waiting, self._limits):
                return self._submitted_before(key, lack)
            job_id = self._records.new_id()
            if key is not None:
                job_id = self._records.reserve(key, job_id, self._is_interrupted)
            if not self._queue:
                self._heartbeats.heartbeat(self._server)
            job = Job(job_id, task.model_name, now(), read=task.read)
            if not self._records.submit(job, self._server, key, task.waiting):  # it has come before
                return self.job(job_id)
            self._put_in_queue(replace(task, job_id=job_id))
        with suppress(StoreError):
            self._remove_surplus()
        return job

    async def wait(self, job_id: str, seconds: float) -> Job:
        """Return the job once it has finished, or as it is when the time is up, or the server's. Raises `UnknownJob`."""
        import asyncio  # noqa: PLC0415 - the training process has this file too, and would grow by 2.7 MB

        deadline = time.monotonic() + seconds
        while True:
            left = min(deadline, self._answer_by) - time.monotonic()
            future = self._queue.future(job_id)
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
        if self._heartbeats.is_alive(server) or (job.status == "queued" and job_id in self._spool):
            return job
        return self._recovery.record(job, STOPPED)

    def cancel(self, job_id: str) -> Job:
        """Ask a job to stop, which it does at its next epoch; a finished one stays as it is. Raises `UnknownJob`."""
        if not self.job(job_id).is_finished:
            self._records.ask_to_cancel(job_id)
            self._queue.remove(job_id)
            # A worker that starts a job records that first, and then looks whether it is cancelled.
            if self.job(job_id).status == "queued":
                self._records.finish(job_id, "cancelled")
        return self.job(job_id)

    def stop(self, seconds: float = math.inf) -> None:
        """Note that the server stops, and how long requests may wait; what begins now waits again if it must end."""
        if not self._stopping_since:
            self._stopping_since, self._answer_by = now(), time.monotonic() + seconds

    def close(self, end_at_once: Callable[[], None]) -> None:
        """Hand over the training that runs, as the server stops; `end_at_once` ends what the executor runs.

        Those that wait stay in the store, for the next server.
        """
        self.stop()
        self._closed.set()
        running = self._queue.close(end_at_once)
        with suppress(StoreError, UnknownJob):
            if running is not None:  # only now: no training publishes any more
                job, _ = self._records.read(running)
                if not job.is_finished:
                    self._recovery.give_up(job, self._stopping_since)
        with suppress(StoreError):
            self._heartbeats.end(self._server)

    def _send_heartbeats(self) -> None:
        """Do every few seconds what a server owes to its jobs.

        Take over what waits in servers that have gone; record that it lives, while it has unfinished ones, and what could not
        be recorded before; end a process that hangs.
        """
        while True:
            with suppress(StoreError):
                self._take_over()
            if self._closed.wait(HEARTBEAT_SECONDS):
                return
            if self._queue:
                with suppress(StoreError):
                    self._heartbeats.heartbeat(self._server)
            self._recovery.record_all()
            self._queue.start_next()
            with suppress(StoreError):
                self._queue.end_what_hangs(self._watchdog)

    def _take_over(self) -> None:
        for waiting in self._recovery.take_over(self._spool, self._queue, self._server):
            self._queue.add_without_starting(waiting)
        self._queue.start_next()  # only now: whose turn it is, is known when all are there

    def _put_in_queue(self, task: Task) -> None:
        """Have a task done when its turn comes. Raises `StoreError`: then the job has failed for that."""
        try:
            self._spool.write(task, is_durable=bool(self._queue))
        except StoreError as error:
            self._recovery.record_later(task.job_id, error)
            raise
        self._queue.add(task.waiting, task)

    def _submitted_before(self, key: IdempotencyKey | None, lack: str) -> Job:
        """Return the job of a request that has come before with this key; a new request is refused."""
        taken = self._records.existing_job(key) if key else None
        for job in self.find(filter(None, [taken])):
            if not self._is_interrupted(job.job_id):
                return job
        raise QueueFull(lack)

    def _is_interrupted(self, job_id: str) -> bool:
        """Whether a job has ended without a version for a reason that may not be there the next time."""
        for job in self.find([job_id]):  # none: another request is about to make it known
            is_interrupted = job.error is not None and job.error.kind in INTERRUPTIONS
            return is_interrupted and self._registry.published_by(job.model_name, job_id) is None
        return False

    def _remove_surplus(self) -> None:
        """Remove the records of finished jobs that are too many, or too old."""
        for job_id in find_surplus(self._records.ids(), self._limits.kept, self._limits.kept_seconds):
            if job_id not in self._queue and all(job.is_finished for job in self.find([job_id])):
                self._records.forget(job_id)
