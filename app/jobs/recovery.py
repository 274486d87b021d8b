"""Recovery of abandoned jobs: one that ran is finished in the store, later if it must be; one that waited is taken over."""

import logging
from collections.abc import Container, Iterator
from contextlib import suppress
from dataclasses import replace

from app.errors import JobInterrupted, StoreError, UnknownJob, UnknownModel, UnknownVersion
from app.jobs.job import Failure, Job, Waiting
from app.jobs.liveness import ServerProcess
from app.jobs.records import JobRecords
from app.jobs.spool import Spool
from app.logs import now
from app.registry import DamagedSnapshot, Registry

log = logging.getLogger("scorecast.jobs")


STOPPED = JobInterrupted("the server that ran it stopped")
STOPPED_AGAIN = JobInterrupted(
    "the server that ran it stopped, as one before it had: a training is begun anew only once"
)


class Recovery:
    """Finishes the abandoned jobs of this server, and those of servers that died."""

    def __init__(self, records: JobRecords, registry: Registry) -> None:
        self._records = records
        self._registry = registry
        self._reasons: dict[str, Exception] = {}
        self._told: dict[str, str] = {}
        """Of jobs whose end cannot be recorded: why, as the log has it."""

    def record_later(self, job_id: str, reason: Exception) -> None:
        """Record why a job failed, now or as soon as the store can be written."""
        self._reasons[job_id] = reason
        self._try_to_record(job_id)

    def reason(self, job_id: str) -> Exception | None:
        """Return why a job failed, if that is not in the store yet."""
        return self._reasons.get(job_id)

    def record_all(self) -> None:
        """Record what could not be recorded before, so that other servers know it too."""
        for job_id in list(self._reasons):
            self._try_to_record(job_id)

    def record(self, job: Job, reason: Exception) -> Job:
        """Finish a job: as succeeded if it has published a version, as cancelled, or as failed for this reason.

        From then on it can publish nothing, though its process may still live.
        """
        try:
            if (number := self._registry.end_job(job.model_name, job.job_id)) is not None:
                self._succeed(job, number)
            elif self._records.is_cancel_asked(job.job_id):
                self._records.finish(job.job_id, "cancelled")
            else:
                self._records.fail(job.job_id, reason)
            self._reasons.pop(job.job_id, None)
            self._told.pop(job.job_id, None)
            return self._records.read(job.job_id)[0]
        except StoreError as error:
            if self._told.get(job.job_id) != str(error):  # once: it is tried again every few seconds
                log.exception("job %s: how it ended cannot be recorded", job.job_id)
            self._told[job.job_id] = str(error)
            return replace(job, status="failed", finished=now(), error=Failure.of(reason))

    def _succeed(self, job: Job, number: int) -> None:
        """Record the version that a job has published; one that has just been removed by its number alone."""
        try:
            self._records.succeed(job.job_id, self._registry.version(job.model_name, number))
        except (UnknownModel, UnknownVersion):
            self._records.finish(job.job_id, "succeeded", model_version=number)

    def give_up(self, job: Job, since: str) -> None:
        """Leave the job that ran as its server stopped to the next one, or finish it; its process has ended.

        One that has not begun, or only since then, waits again as if it never had. One that ran before is begun anew, once,
        unless its request asked otherwise.
        """
        was_running = job.started is not None and job.started < since
        has_published = False
        with suppress(DamagedSnapshot):  # who takes it over looks again
            has_published = self._has_published(job)
        if has_published or self._records.is_cancel_asked(job.job_id):
            self.record(job, STOPPED)
        elif was_running and (reason := self._find_end(job.job_id)) is not None:
            self.record(job, reason)
        else:
            self._records.put_back(job.job_id)
            log.info("a training is left to the next server", extra={"job_id": job.job_id})

    def _find_end(self, job_id: str) -> JobInterrupted | None:
        """Return why a job that ran has to end with its server; None: it was handed over."""
        try:
            may_restart = self._records.waiting(job_id).restart
        except JobInterrupted as error:
            return error
        if not may_restart:
            return STOPPED
        return None if self._records.hand_over(job_id) else STOPPED_AGAIN

    def take_over(self, spool: Spool, ours: Container[str], server: ServerProcess) -> Iterator[Waiting]:
        """Yield the jobs that this server has just taken over: they waited in servers that have gone, and are in no queue.

        Tasks of jobs that have finished are removed. A job of a model that cannot be read goes on waiting.
        """
        for job_id in spool.ids():
            if job_id in ours:
                continue
            try:
                job, owner = self._records.read(job_id)
            except UnknownJob:
                spool.remove(job_id)
                continue
            if job.is_finished:
                spool.remove(job_id)
            elif not self._records.heartbeats.is_alive(owner):
                with suppress(DamagedSnapshot):  # the others need not wait for it
                    yield from self._take_over(job, server)

    def _take_over(self, job: Job, server: ServerProcess) -> Iterator[Waiting]:
        """Make a server the owner of an abandoned job, and yield that, if it waits; one that ran is finished."""
        if job.status != "queued" or self._has_published(job):
            self.record(job, STOPPED)
            return
        try:
            waiting = self._records.waiting(job.job_id)  # before it is owned: what is owned has to come into the queue
        except JobInterrupted as error:
            self.record(job, error)
            return
        self._records.heartbeats.heartbeat(server)
        if self._records.owners.take_over(job.job_id, server):
            yield waiting

    def _has_published(self, job: Job) -> bool:
        return self._registry.published_by(job.model_name, job.job_id) is not None

    def _try_to_record(self, job_id: str) -> None:
        with suppress(StoreError, UnknownJob):
            job, _ = self._records.read(job_id)
            if job.is_finished:
                del self._reasons[job_id]
            else:
                self.record(job, self._reasons[job_id])
