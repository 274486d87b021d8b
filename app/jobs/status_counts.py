"""How many jobs there are of each status, for the metrics: a job that has finished is read once."""

import threading
from collections import Counter
from typing import get_args

from app.jobs.job import JobStatus
from app.jobs.jobs import Jobs


class StatusCounts:
    """Counts the jobs that the store knows of. Threads may share it."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs
        self._finished: dict[str, JobStatus] = {}
        self._counting = threading.Lock()

    def count(self) -> dict[str, int]:
        """Return the number of jobs of each status. Raises `StoreError`."""
        with self._counting:
            ids = self._jobs.ids()
            self._finished = {job_id: self._finished[job_id] for job_id in ids if job_id in self._finished}
            found = self._jobs.find(job_id for job_id in ids if job_id not in self._finished)
            statuses = Counter([*self._finished.values(), *(job.status for job in found)])
            self._finished |= {job.job_id: job.status for job in found if job.is_finished}
        return {status: statuses[status] for status in get_args(JobStatus)}
