"""A job is one training: asked for in a server, done in a worker process, watched from anywhere."""

import asyncio
import logging
import os
import secrets
import threading
import time
from collections.abc import Callable
from concurrent.futures import BrokenExecutor, Executor, Future
from dataclasses import replace

from app.owner import Owner
from app.records import Job, JobInterrupted, JobRecords, now
from app.registry import Registry
from app.worker import Task, run

log = logging.getLogger("scorecast.jobs")

ATTEMPTS = 2
"""How often a job is begun whose worker dies, for another job's fault, before it has begun."""


class QueueFull(Exception):
    """So many jobs are waiting that no more are taken."""


class Jobs:
    """A server's trainings: submit, watch, cancel."""

    def __init__(
        self, records: JobRecords, registry: Registry, start_executor: Callable[[], Executor], max_queued: int
    ) -> None:
        self._records = records
        self._registry = registry
        self._start_executor = start_executor
        self._executor = start_executor()
        self._lock = threading.Lock()
        self._max_queued = max_queued
        self._owner = Owner.this_process()
        self._unfinished: dict[str, Future[None]] = {}
        self._closed = False

    def prepare(self) -> None:
        """Start the training process, without waiting for it, so that the first training need not."""
        self._executor.submit(os.getpid)

    def submit(self, task: Task) -> Job:
        """Queue a training. Raises `QueueFull`."""
        if len(self._unfinished) >= self._max_queued:
            raise QueueFull(f"{len(self._unfinished)} trainings are waiting already; try again later")
        job = Job(f"{time.time_ns() // 1_000_000:012x}-{secrets.token_hex(4)}", task.model_name, now())
        self._records.submit(job, self._owner)
        self._start(replace(task, job_id=job.job_id), attempt=1)
        return job

    async def wait(self, job_id: str, seconds: float) -> Job:
        """Return the job once it has finished, or as it is when the time is up. Raises `UnknownJob`."""
        future = self._unfinished.get(job_id)
        if future is not None:
            await asyncio.wait([asyncio.wrap_future(future)], timeout=seconds)
        return self.job(job_id)

    def ids(self) -> list[str]:
        """Return all job ids, the newest first."""
        return self._records.ids()[::-1]

    def job(self, job_id: str) -> Job:
        """Return what a job is at this moment. Raises `UnknownJob`."""
        job, owner = self._records.read(job_id)
        if job.is_finished or owner.is_alive():
            return job
        return self._conclude(job, "the server that ran it stopped")

    def cancel(self, job_id: str) -> Job:
        """Ask a job to stop, which it does at its next epoch; a finished one stays as it is. Raises `UnknownJob`."""
        if not self.job(job_id).is_finished:
            self._records.ask_to_cancel(job_id)
            future = self._unfinished.get(job_id)
            if future is not None and future.cancel():  # it had not begun
                self._records.finish(job_id, "cancelled")
        return self.job(job_id)

    def close(self) -> None:
        """Give up all trainings: the server stops."""
        self._closed = True
        for job_id in list(self._unfinished):
            self._conclude(self._records.read(job_id)[0], "the server that ran it stopped")
        self._executor.shutdown(wait=False, cancel_futures=True)

    def _start(self, task: Task, attempt: int) -> None:
        with self._lock:
            try:
                future = self._executor.submit(run, task)
            except BrokenExecutor:
                self._executor = self._start_executor()
                future = self._executor.submit(run, task)
            self._unfinished[task.job_id] = future
        future.add_done_callback(lambda done: self._settle(task, attempt, done))

    def _settle(self, task: Task, attempt: int, future: Future[None]) -> None:
        """When the worker has left a job, see to it that the job's records say how it ended."""
        if self._closed or future.cancelled() or future.exception() is None:
            self._unfinished.pop(task.job_id, None)
            return
        job, _ = self._records.read(task.job_id)
        if isinstance(future.exception(), BrokenExecutor) and job.status == "queued" and attempt < ATTEMPTS:
            self._start(task, attempt + 1)
            return
        log.error("job %s: the training process died", job.job_id, exc_info=future.exception())
        self._conclude(job, "the training process died")
        self._unfinished.pop(task.job_id, None)

    def _conclude(self, job: Job, reason: str) -> Job:
        """Finish a job that nobody works on any more: by what it published, as cancelled, or as failed."""
        if (number := self._registry.published_by(job.model_name, job.job_id)) is not None:
            self._records.finish(job.job_id, "succeeded", model_version=number)
        elif self._records.is_cancel_asked(job.job_id):
            self._records.finish(job.job_id, "cancelled")
        else:
            self._records.fail(job.job_id, JobInterrupted(reason))
        return self._records.read(job.job_id)[0]
