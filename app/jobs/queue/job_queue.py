"""The queue of a server: the trainings that it has accepted, done one after the other by its training process.

Their tasks wait in the spool: in memory there is that of the running training alone.
"""

import logging
import os
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import suppress
from dataclasses import dataclass, replace

from app.errors import JobInterrupted, StoreError, UnknownJob
from app.jobs.job import Failure, Job, Waiting
from app.jobs.liveness import ServerProcess
from app.jobs.queue.dead_workers import SelfHealingExecutor
from app.jobs.queue.fair_queue import FairQueue
from app.jobs.queue.watchdog import Watchdog
from app.jobs.records import JobRecords
from app.jobs.recovery import Recovery
from app.jobs.spool import Spool
from app.jobs.task import Task
from app.jobs.training_process import Runner
from app.jobs.worker import run

log = logging.getLogger("scorecast.jobs")

MAX_ATTEMPTS = 2
"""How often a job is started whose worker, or server, died before it had recorded any progress."""
DIED = JobInterrupted("the training process died")
NO_MEMORY = JobInterrupted("there was not enough memory for the request's table: send it again")


@dataclass
class _Unfinished:
    """A job of this queue."""

    waiting: Waiting
    done: Future[None]
    """Done when the job has ended, or left the queue."""
    attempts: int = 0
    ended_because: Exception | None = None
    """Why its process had to be ended."""


class JobQueue:
    """The unfinished jobs of a server; threads may share it."""

    def __init__(self, records: JobRecords, recovery: Recovery, spool: Spool, runner: Runner) -> None:
        self._records, self._recovery, self._spool, self._runner = records, recovery, spool, runner
        self._executor = SelfHealingExecutor(runner.start)
        self._server = ServerProcess.this_process()
        self._lock = threading.RLock()
        self._unfinished: dict[str, _Unfinished] = {}
        self._queue = FairQueue()
        self._running: str | None = None
        self._is_closed = False

    def __len__(self) -> int:
        return len(self._unfinished)

    def __contains__(self, job_id: object) -> bool:
        return job_id in self._unfinished

    @property
    def unfinished(self) -> list[Waiting]:
        """All jobs of the queue, with the running one."""
        with self._lock:
            return [each.waiting for each in self._unfinished.values()]

    def future(self, job_id: str) -> Future[None] | None:
        """Return what is done when the job has ended; None: the job is not of this server, or has ended."""
        unfinished = self._unfinished.get(job_id)
        return None if unfinished is None else unfinished.done

    def prepare(self) -> None:
        """Start the training process, without waiting for it."""
        self._executor.submit(os.getpid)

    def add(self, waiting: Waiting, task: Task | None = None) -> None:
        """Have a job done when its turn comes; its task is in the spool, and read from there if it is not given."""
        self.add_without_starting(waiting)
        self.start_next(task)

    def add_without_starting(self, waiting: Waiting) -> None:
        """Have a job done when its turn comes, once `start_next` is called: more of them come first."""
        with self._lock:
            self._unfinished[waiting.job_id] = _Unfinished(waiting, Future())
            self._queue.add(waiting)

    def remove(self, job_id: str) -> None:
        """Let go of a job that waits; one that runs stays."""
        with self._lock:
            if self._queue.remove(job_id):
                self._unfinished.pop(job_id).done.set_result(None)

    def end_what_hangs(self, watchdog: Watchdog) -> None:
        """End the training process if it is stopped or overdue: its job fails for that reason, and the next one starts."""
        job_id = self._running
        if (reason := watchdog.look(job_id)) is not None:
            log.error("the training process is killed: %s", reason)
            with self._lock:
                if job_id in self._unfinished:
                    self._unfinished[job_id].ended_because = reason
            self._runner.kill()

    def close(self, end_at_once: Callable[[], None]) -> str | None:
        """Start nothing more, and return the id of the job that ran; `end_at_once` ends what the executor runs."""
        with self._lock:
            self._is_closed, running = True, self._running
        self._executor.close(end_at_once)
        return running

    def start_next(self, ready: Task | None = None) -> None:
        """Start the job whose turn it is, unless one runs; `ready` is a task that need not be read.

        While the store cannot be read it goes on waiting.
        """
        while True:
            with self._lock:
                if self._is_closed or self._running is not None or (chosen := self._queue.take()) is None:
                    return
                self._running = chosen.job_id
            try:
                if self._start(chosen.job_id, ready if ready and ready.job_id == chosen.job_id else None):
                    return
            except StoreError:
                with self._lock:
                    self._running = None
                    self._queue.put_back(chosen)
                return

    def _start(self, job_id: str, ready: Task | None = None) -> bool:
        """Give a job to the executor; False: it has ended instead. Raises `StoreError` if its task cannot be read now."""
        try:
            task = replace(ready or self._read(job_id), server=self._server)
            self._unfinished[job_id].attempts += 1
            future, executor = self._executor.submit(run, task)
        except (JobInterrupted, MemoryError) as error:
            self._end(job_id, error if isinstance(error, JobInterrupted) else NO_MEMORY)
            return False
        except OSError as error:
            self._end(job_id, JobInterrupted(f"no training process can be started: {error}"))
            return False
        future.add_done_callback(lambda done: self._finish(task, executor, done))
        return True

    def _read(self, job_id: str) -> Task:
        """Read a task, unless that, or what came of it, seems to be what servers die of. Raises `JobInterrupted`."""
        if self._records.count_attempt(job_id) > MAX_ATTEMPTS:
            raise DIED
        return self._spool.read(job_id)

    def _finish(self, task: Task, executor: Executor, future: Future[None]) -> None:
        """Make sure, when a worker is done with a job, that the records say how it ended; then start the next."""
        job_id = task.job_id
        if self._is_closed or future.cancelled() or (error := future.exception()) is None:
            self._end(job_id)
        else:
            is_dead = self._executor.notice_death(future, executor)
            if is_dead and self._may_be_started_again(job_id):
                if self._start(job_id, task):
                    return
            else:
                log.error("job %s ended without a result", job_id, exc_info=error)
                because = self._unfinished[job_id].ended_because if is_dead else error
                self._end(job_id, because if isinstance(because, Exception) else DIED)
        self.start_next()

    def _may_be_started_again(self, job_id: str) -> bool:
        """Whether a job's worker died before it began: the job need not be the cause."""
        with suppress(StoreError):
            has_begun = self._records.read(job_id)[0].status != "queued"
            return not has_begun and self._unfinished[job_id].attempts < MAX_ATTEMPTS
        return False

    def _end(self, job_id: str, error: Exception | None = None) -> None:
        """Let go of the job that ran, and of its task if it has finished; with an error, record that first."""
        if error is not None:
            self._recovery.record_later(job_id, error)
        self._tell_end(job_id, error)
        with suppress(StoreError):
            if self._records.is_finished(job_id):
                self._spool.remove(job_id)
        with self._lock:
            self._running = None
            self._unfinished.pop(job_id).done.set_result(None)

    def _tell_end(self, job_id: str, error: Exception | None) -> None:
        """Tell the runner how a job ended, also where that could not be recorded yet."""
        waiting = self._unfinished[job_id].waiting
        failed = Job(job_id, waiting.model_name, "", status="failed", request_id=waiting.request_id or None)
        job = None if error is None else replace(failed, error=Failure.of(error))
        with suppress(StoreError, UnknownJob):
            found, _ = self._records.read(job_id)
            job = found if found.is_finished else job
        if job is not None:
            self._runner.on_end(job)
