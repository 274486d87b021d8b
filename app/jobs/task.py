"""What a worker needs to do a job."""

from collections.abc import Callable
from dataclasses import dataclass

from app.jobs.records import JobRecords
from app.registry import Declaration, Registry
from model.fitting import TrainingSpec


@dataclass(frozen=True)
class Policy:
    """What a server lets its trainings do."""

    max_seconds: float
    keep_versions: int | None
    keep_tables: bool
    lock_name: str
    """The name of the lock that a training holds, so that one runs at a time."""


@dataclass(frozen=True, eq=False)
class Task:
    """What a worker needs to do a job."""

    spec: TrainingSpec
    connect: Callable[[], tuple[JobRecords, Registry]]
    """Opens in the worker what the server has open."""
    policy: Policy
    model_name: str
    extend: bool = False
    """Whether the rows are added to those of the default version."""
    keep_table: bool = True
    deletions: int | None = None
    """Of the model, when the training was asked for."""
    declaration: Declaration | None = None
    """What the first version declares the model to be; None: it is declared already."""
    read: tuple[str, ...] = ()
    """What was assumed of the table, in sentences."""
    job_id: str = ""

    @property
    def table_bytes(self) -> int:
        """Of the table, as a server holds it until the job is done."""
        return self.spec.dataset.features.nbytes + self.spec.dataset.targets.nbytes
