"""Jobs: a training's life, from the request to the published version, in whatever process it runs."""

from app.jobs.executors import RUNNERS, end_with_parent, kill_training_processes
from app.jobs.idempotency import IdempotencyKey
from app.jobs.jobs import Jobs, Limits
from app.jobs.machine_lock import training_lock_name
from app.jobs.records import Failure, Job, JobRecords
from app.jobs.task import Policy, Task

__all__ = [
    "RUNNERS",
    "Failure",
    "IdempotencyKey",
    "Job",
    "JobRecords",
    "Jobs",
    "Limits",
    "Policy",
    "Task",
    "end_with_parent",
    "kill_training_processes",
    "training_lock_name",
]
