"""Jobs: a training's life, from the request to the published version, in whatever process it runs."""

from app.jobs.executors import RUNNERS, end_with_parent, kill_training_processes
from app.jobs.idempotency import Claim, OtherRequest
from app.jobs.jobs import Jobs, Limits, QueueFull
from app.jobs.machine_lock import turn_of_server
from app.jobs.records import Failure, Job, JobInterrupted, JobRecords, UnknownJob
from app.jobs.task import Policy, Task

__all__ = [
    "RUNNERS",
    "Claim",
    "Failure",
    "Job",
    "JobInterrupted",
    "JobRecords",
    "Jobs",
    "Limits",
    "OtherRequest",
    "Policy",
    "QueueFull",
    "Task",
    "UnknownJob",
    "end_with_parent",
    "kill_training_processes",
    "turn_of_server",
]
