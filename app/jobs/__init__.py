"""Jobs: a training's life, from the request to the published version, in whatever process it runs."""

from app.jobs.idempotency import IdempotencyKey
from app.jobs.job import Failure, Job
from app.jobs.job_ids import JOB_ID
from app.jobs.jobs import Jobs
from app.jobs.liveness import ServerProcess
from app.jobs.queue import Limits
from app.jobs.records import RECORDS, JobRecords
from app.jobs.spool import Spool
from app.jobs.status_counts import StatusCounts
from app.jobs.task import Policy, Task, is_task
from app.jobs.training_process import RUNNERS, end_with_parent, kill_training_processes

__all__ = [
    "JOB_ID",
    "RECORDS",
    "RUNNERS",
    "Failure",
    "IdempotencyKey",
    "Job",
    "JobRecords",
    "Jobs",
    "Limits",
    "Policy",
    "ServerProcess",
    "Spool",
    "StatusCounts",
    "Task",
    "end_with_parent",
    "is_task",
    "kill_training_processes",
]
