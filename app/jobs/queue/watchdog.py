"""The watchdog of a training process: it says when the process must be ended, since it will not end by itself."""

import time

from app.errors import JobInterrupted
from app.jobs.records import JobRecords
from app.jobs.training_process import Runner
from app.limits import took_too_long

LOOKS_STOPPED = 3
"""A process that is stopped at so many looks in a row is ended: someone may stop it for a moment to look at it."""
OVERDUE_SECONDS = 30.0
"""A training that has taken so much longer than it may is ended: its process should have ended it, at its next epoch."""


class Watchdog:
    """Looks at a server's training process every few seconds."""

    def __init__(self, runner: Runner, records: JobRecords, max_seconds: float) -> None:
        self._runner, self._records, self._max_seconds = runner, records, max_seconds
        self._looks_stopped = 0
        self._running, self._since = "", 0.0

    def look(self, job_id: str | None) -> Exception | None:
        """Return why the process, which has this job (None: no job), must be ended; None: it need not."""
        self._looks_stopped = self._looks_stopped + 1 if self._runner.is_stopped() else 0
        if self._looks_stopped >= LOOKS_STOPPED:
            self._looks_stopped = 0
            return JobInterrupted("the training process was stopped by a signal, and did not go on")
        if job_id is not None and self._seconds_of(job_id) > self._max_seconds + OVERDUE_SECONDS:
            return took_too_long(self._max_seconds)
        return None

    def _seconds_of(self, job_id: str) -> float:
        """Return for how long a job has been seen running."""
        clock = time.monotonic()
        if job_id != self._running and self._records.read(job_id)[0].status == "running":
            self._running, self._since = job_id, clock
        return clock - self._since if job_id == self._running else 0.0
