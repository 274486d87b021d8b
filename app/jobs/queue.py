"""The queue of a server: the trainings that it has accepted, done one after the other by its training process."""

import logging
import os
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from dataclasses import dataclass

from app.errors import JobInterrupted, StoreError
from app.jobs.dead_workers import SelfHealingExecutor
from app.jobs.records import JobRecords
from app.jobs.recovery import Recovery
from app.jobs.task import Task
from app.jobs.training_process import Runner
from app.jobs.watchdog import Watchdog
from app.jobs.worker import run


@dataclass(frozen=True)
class Limits:
    """How many jobs a server has at a time, and how many finished ones it remembers."""

    queued: int = 100
    training_seconds: float = 3600
    """How long a training may take."""
    kept: int = 1000
    kept_seconds: float = 7 * 24 * 3600
    queued_bytes: int = 1 << 28
    """Of the tables of all unfinished trainings: they are held in memory."""


log = logging.getLogger("scorecast.jobs")

MAX_ATTEMPTS = 2
"""How often a job is started that was first in the queue of a worker that died, and had recorded no progress."""

DIED = JobInterrupted("the training process died")


class JobQueue:
    """The unfinished jobs of a server, each with the future that is done when its worker is."""

    def __init__(self, records: JobRecords, recovery: Recovery, runner: Runner, max_seconds: float) -> None:
        self._records, self._recovery, self._runner = records, recovery, runner
        self._executor = SelfHealingExecutor(runner.start)
        self._watchdog = Watchdog(runner, records, max_seconds)
        self._unfinished: dict[str, Future[None]] = {}
        self._ended: dict[str, Exception] = {}
        """Why jobs were ended whose process had to be."""
        self._sizes: dict[str, tuple[str, int]] = {}
        """Of unfinished jobs: the model's name, and the bytes of the table."""
        self._is_closed = False

    def __len__(self) -> int:
        return len(self._unfinished)

    def __contains__(self, job_id: str) -> bool:
        return job_id in self._unfinished

    def find_lack(self, task: Task, limits: Limits) -> str | None:
        """Return why there is no room for a task; None: there is.

        A model may have nine tenths of the places, so that there are some for others. A table that is larger than all that may
        wait is taken if no other is there.
        """
        unfinished = [size for job_id, size in list(self._sizes.items()) if job_id in self._unfinished]
        of_model = sum(name == task.model_name for name, _ in unfinished)
        if len(self) >= limits.queued:
            return f"{len(self)} trainings are waiting already; try again later"
        if of_model >= limits.queued - limits.queued // 10:
            return (
                f"{of_model} trainings of this model are waiting already, nine tenths of all that may; try again later"
            )
        held = sum(table_bytes for _, table_bytes in unfinished)
        if held and held + task.table_bytes > limits.queued_bytes:
            return (
                f"the tables of trainings that wait take {held:,} bytes, and this one {task.table_bytes:,}, of at most "
                f"{limits.queued_bytes:,} together; try again later"
            )
        return None

    def future(self, job_id: str) -> Future[None] | None:
        """Return what is done when the job's worker is; None: the job is not of this server, or has ended."""
        return self._unfinished.get(job_id)

    def prepare(self) -> None:
        """Start the training process, without waiting for it."""
        self._executor.submit(os.getpid)

    def start(self, task: Task, attempt: int = 1) -> None:
        """Have a job done as soon as those before it are."""
        try:
            future, executor = self._executor.submit(run, task)
        except OSError as error:
            self._recovery.record_later(task.job_id, JobInterrupted(f"no training process can be started: {error}"))
            self._unfinished.pop(task.job_id, None)
            return
        self._unfinished[task.job_id] = future
        self._sizes = {job_id: size for job_id, size in self._sizes.items() if job_id in self._unfinished}
        self._sizes[task.job_id] = task.model_name, task.table_bytes
        future.add_done_callback(lambda done: self._finish(task, attempt, executor, done))

    def end_what_hangs(self) -> None:
        """End the training process if it is stopped or overdue: its job fails for that reason, and the next one starts."""
        job_id = next(iter(list(self._unfinished)), None)
        if (reason := self._watchdog.look(job_id)) is not None:
            log.error("the training process is killed: %s", reason)
            if job_id is not None:
                self._ended[job_id] = reason
            self._runner.kill()

    def close(self, end_at_once: Callable[[], None]) -> list[str]:
        """Give up all jobs, and return their ids; `end_at_once` ends what the executor runs."""
        self._is_closed, unfinished = True, list(self._unfinished)
        end_at_once()
        self._executor.close()
        return unfinished

    def _finish(self, task: Task, attempt: int, executor: Executor, future: Future[None]) -> None:
        """Make sure, when a worker is done with a job, that the records say how it ended."""
        if self._is_closed or future.cancelled() or (error := future.exception()) is None:
            self._unfinished.pop(task.job_id, None)
            return
        if self._executor.notice_death(future, executor):
            if self._retry(task, attempt):
                return
            error = self._ended.pop(task.job_id, DIED)
        log.error("job %s ended without a result", task.job_id, exc_info=future.exception())
        self._recovery.record_later(task.job_id, error if isinstance(error, Exception) else DIED)
        self._unfinished.pop(task.job_id, None)

    def _retry(self, task: Task, attempt: int) -> bool:
        """Start a job again if its worker died before it began; a job that was first in the queue may be the cause."""
        with suppress(StoreError):
            is_first = next(iter(self._unfinished)) == task.job_id
            if self._records.read(task.job_id)[0].status == "queued" and attempt + is_first <= MAX_ATTEMPTS:
                self.start(task, attempt + is_first)
                return True
        return False
