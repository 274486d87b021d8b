"""The worker's side of a job: train, tell of it, publish."""

import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from app.records import JobRecords, now
from app.registry import Registry
from app.store import StoreError
from model.errors import ModelError, TrainingCancelled, TrainingFailed
from model.training import TrainingSpec, train

log = logging.getLogger("scorecast.worker")

PROGRESS_INTERVAL = 0.1
"""Seconds between two progress records, and so the longest that a cancel waits where epochs are short."""


@dataclass(frozen=True, eq=False)
class Task:
    """What a worker needs to do a job."""

    spec: TrainingSpec
    connect: Callable[[], tuple[JobRecords, Registry]]
    """Opens in the worker what the server has open."""
    max_seconds: float
    model_name: str
    job_id: str = ""


def run(task: Task) -> None:
    """Train and publish; this is what the worker executes."""
    records, registry = task.connect()
    course = _Course(task, records)
    try:
        checkpoint = train(task.spec, course.on_epoch)
        made = {"created": now(), "job_id": task.job_id, "duration_seconds": course.seconds}
        version = registry.publish(task.model_name, checkpoint, {**made, "report": asdict(checkpoint.report)})
    except TrainingCancelled:
        records.finish(task.job_id, "cancelled", **course.facts)
    except (ModelError, StoreError) as error:
        records.fail(task.job_id, error, **course.facts)
    except Exception as error:
        log.exception("job %s failed", task.job_id)
        records.fail(
            task.job_id, RuntimeError(f"the training stumbled over {type(error).__name__}: {error}"), **course.facts
        )
    else:
        last = {"epoch": checkpoint.report.epochs, "loss": checkpoint.report.loss}
        records.finish(task.job_id, "succeeded", model_version=version.number, **{**course.facts, **last})


class _Course:
    """A training as its worker tells of it."""

    def __init__(self, task: Task, records: JobRecords) -> None:
        self._task = task
        self._records = records
        self._began, self._next_record = time.monotonic(), 0.0
        self.facts: dict[str, Any] = {"started": now()}

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return round(time.monotonic() - self._began, 6)

    def on_epoch(self, epoch: int, loss: float) -> None:
        """Write a progress record if it is time for one. Raises if the training has to stop."""
        clock = time.monotonic()
        if clock < self._next_record:
            return
        self._next_record = clock + PROGRESS_INTERVAL
        self.facts.update(epoch=epoch, loss=loss)
        self._records.progress(self._task.job_id, **self.facts)
        if self._records.is_cancel_asked(self._task.job_id):
            raise TrainingCancelled("the training was cancelled")
        if clock - self._began > self._task.max_seconds:
            raise TrainingFailed(f"the training took longer than the {self._task.max_seconds:g} seconds allowed")
