"""The worker's side of a job: train, record its progress, publish."""

import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import numpy as np

from app.errors import (
    BodyTooLarge,
    CannotExtend,
    ChangedMeanwhile,
    InvalidBody,
    JobInterrupted,
    OtherColumns,
    StoreError,
    UnknownModel,
    UnknownVersion,
)
from app.jobs.records import JobRecords
from app.jobs.task import Task
from app.limits import NO_MEMORY, took_too_long, train_within
from app.logs import now, within_request
from app.registry import ModelState, NewVersion, Registry, Version
from app.tables import read_kept_table, write_table
from app.tracing import training_span
from model.checkpoint import Checkpoint
from model.errors import ModelError, OptionsError, TrainingCancelled
from model.explanation import describe_layers
from model.fitting import TrainingSpec
from model.network import Network
from model.table import Dataset
from model.trainers import Learning
from model.training import count_epochs

log = logging.getLogger("scorecast.worker")

PROGRESS_INTERVAL = 0.1
"""Seconds between two progress records, and so the longest that a cancel waits where epochs are short."""

LOCK_POLL_SECONDS = 0.02
"""Between two looks at whether the training of another process of this server has ended."""

MAX_EXTENSION_ATTEMPTS = 5
"""How often an extension is trained whose base is no longer the default when it is done."""

MAX_SEEN_PARAMETERS = 500
"""Of a network whose weights are told while it learns, in 10 KB at the most."""


def run(task: Task) -> None:
    """Train and publish; this is what the worker executes."""
    facts = {"job_id": task.job_id, "model_name": task.model_name}
    with within_request(task.request), training_span(task.trace, facts) as tell:
        tell(_run(task))


def _run(task: Task) -> str:
    records, registry = task.connect()
    progress = _Progress(task, records)
    try:
        with _training_lock(task, records, progress):
            progress.begin()
            version = _train_and_publish(task, registry, progress)
    except _TakenOverError:
        log.warning("the job is left to the server that has taken it over", extra={"job_id": task.job_id})
        return "left"
    except TrainingCancelled:
        records.finish(task.job_id, "cancelled", **progress.facts)
        return "cancelled"
    except (ModelError, StoreError, UnknownModel, CannotExtend, OtherColumns, JobInterrupted, BodyTooLarge) as error:
        records.fail(task.job_id, error, **progress.facts)
    except MemoryError:
        records.fail(task.job_id, OptionsError(NO_MEMORY), **progress.facts)
    except Exception as error:
        log.exception("the job failed", extra={"job_id": task.job_id})
        failure = RuntimeError(f"the training failed with {type(error).__name__}: {error}")
        records.fail(task.job_id, failure, **progress.facts)
    else:
        last = {"epoch": version.report["epochs"], "loss": version.report["loss"]}
        records.succeed(task.job_id, version, **{**progress.facts, **last})
        return "succeeded"
    return "failed"


@contextmanager
def _training_lock(task: Task, records: JobRecords, progress: "_Progress") -> Iterator[None]:
    """Wait until no other process of this server trains, or the job is cancelled, and let none for the time of the block."""
    while True:
        with records.lock(task.policy.lock_name) as is_held:
            if is_held:
                yield
                return
        progress.stop_if_cancelled()
        time.sleep(LOCK_POLL_SECONDS)


def _train_and_publish(task: Task, registry: Registry, progress: "_Progress") -> Version:
    """Train, and publish what came out; again, if what an extension started from is no longer the default."""
    for _ in range(MAX_EXTENSION_ATTEMPTS):
        state = registry.model(task.model_name) if task.declaration is None else registry.state(task.model_name)
        try:
            spec = _extend(task.spec, registry, state) if task.extend else task.spec
        except UnknownVersion:  # it has been removed since
            continue
        progress.expect(spec)
        checkpoint = train_within(task.policy.limits, spec, progress.on_epoch)
        new_version = _make_version(task, spec, checkpoint, progress.seconds)
        try:
            version = registry.publish(new_version, {state.tag} if task.extend else None)
        except ChangedMeanwhile:
            continue
        if task.policy.keep_versions is not None:
            registry.keep_newest(task.model_name, task.policy.keep_versions)
        return version
    newest = registry.model(task.model_name).default_version
    raise CannotExtend(f"other trainings keep publishing: start from version {newest}")


def _make_version(task: Task, spec: TrainingSpec, checkpoint: Checkpoint[Any], seconds: float) -> NewVersion:
    kept = task.keep_table and task.policy.keep_tables
    table = write_table(spec.dataset, spec.signature.columns) if kept else None
    provenance: dict[str, Any] = {"created": now(), "job_id": task.job_id, "duration_seconds": seconds}
    provenance["report"] = checkpoint.report.to_json()
    unseen = checkpoint.unseen.to_bytes() if kept and checkpoint.unseen else None
    return NewVersion(task.model_name, checkpoint, table, provenance, task.deletions, task.declaration, unseen)


def _extend(spec: TrainingSpec, registry: Registry, state: ModelState) -> TrainingSpec:
    """Put the rows of the default version's table before those of the training."""
    if state.default_version is None:
        return spec
    try:
        before = read_kept_table(registry.table(state.name, state.default_version), spec.signature)
    except InvalidBody as error:
        raise CannotExtend(f"the columns of version {state.default_version} are not those of now: {error}") from None
    return replace(spec, dataset=Dataset.join(before, spec.dataset))


class _TakenOverError(Exception):
    """Another server has taken the job over, since the one of this worker was taken for dead."""


class _Progress:
    """Writes a training's progress, and stops it when that is asked for or its time is up."""

    def __init__(self, task: Task, records: JobRecords) -> None:
        self._task = task
        self._records = records
        self._began, self._next_record = time.monotonic(), 0.0
        self._all_epochs: int | None = None
        self.facts: dict[str, Any] = {"started": now()}

    def begin(self) -> None:
        """Write that the training runs, unless it has ended in the queue. Raises if it has to stop."""
        job, owner = self._records.read(self._task.job_id)
        if job.is_finished:
            raise TrainingCancelled("the training was cancelled")
        if self._task.server not in {None, owner}:
            raise _TakenOverError
        self._began = time.monotonic()
        self.facts = {"started": now(), "epoch": 0}
        self._records.progress(self._task.job_id, **self.facts)
        self.stop_if_cancelled()

    @property
    def seconds(self) -> float:
        """How long it has taken so far."""
        return round(time.monotonic() - self._began, 6)

    def expect(self, spec: TrainingSpec) -> None:
        """Note how many epochs there will be, if that is known."""
        self._all_epochs = count_epochs(spec)

    def on_epoch(self, epoch: int, loss: float, learning: Learning | None) -> None:
        """Write a progress record if it is time for one. Raises if the training has to stop."""
        clock = time.monotonic()
        if clock < self._next_record:
            return
        self.facts.update(epoch=epoch, loss=loss)
        self._records.progress(self._task.job_id, **self.facts, **self._see(epoch, learning))
        self._next_record = time.monotonic() + PROGRESS_INTERVAL  # after the write: a slow disk may take longer
        self.stop_if_cancelled()
        if clock - self._began > self._task.policy.max_seconds:
            raise took_too_long(self._task.policy.max_seconds)

    def _see(self, epoch: int, learning: Learning | None) -> dict[str, Any]:
        """Return what can be seen of a training beside its loss; of a small network its weights."""
        seen: dict[str, Any] = {"progress": epoch / self._all_epochs if self._all_epochs else None}
        if learning is None or learning[0].parameter_count > MAX_SEEN_PARAMETERS or not np.isfinite(learning[1]).all():
            return seen  # JSON has no word for infinite weights, which saturated units can bear for long
        return {**seen, "network": [vars(layer) for layer in describe_layers(Network(*learning), MAX_SEEN_PARAMETERS)]}

    def stop_if_cancelled(self) -> None:
        """Raise `TrainingCancelled` if a client has asked for it."""
        if self._records.is_cancel_asked(self._task.job_id):
            raise TrainingCancelled("the training was cancelled")
