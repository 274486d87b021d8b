"""A job: a training at this moment, as any server tells it."""

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import FiniteFloat

JobStatus = Literal["queued", "running", "succeeded", "failed", "cancelled"]


@dataclass(frozen=True)
class Failure:
    """Why a job failed: the name of the exception, and its text."""

    kind: str
    detail: str

    @staticmethod
    def of(error: Exception) -> "Failure":
        """Return the failure that an exception is."""
        return Failure(type(error).__name__, str(error))


@dataclass(frozen=True)
class Job:
    """What a job is at this moment."""

    job_id: str
    model_name: str
    created: str
    """All times are ISO 8601, UTC. The report is the version's, which may have been removed."""
    status: JobStatus = "queued"
    started: str | None = None
    finished: str | None = None
    epoch: int | None = None
    loss: FiniteFloat | None = None
    progress: FiniteFloat | None = None
    """The share of its epochs that it has behind it; None where nobody knows how many there will be, or it does not run."""
    network: list[dict[str, Any]] | None = None
    """The layers of a network that is being trained, as `LayerNumbers`; None of a large one, or if the job does not run."""
    model_version: int | None = None
    duration_seconds: float | None = None
    report: dict[str, Any] | None = None
    error: Failure | None = None
    read: tuple[str, ...] = ()
    """What was assumed of the table, in sentences."""
    request_id: str | None = None
    """Of the request that asked for it, as the log has it; None where it is not known."""

    @property
    def is_finished(self) -> bool:
        """Whether the job will not change any more."""
        return self.finished is not None


@dataclass(frozen=True)
class Waiting:
    """A training that waits, without its table."""

    job_id: str
    model_name: str
    client: str = ""
    """Who asked for it, by key or address; nothing where that is not known."""
    table_bytes: int = 0
    request_id: str = ""
    """Of the request that asked for it."""
    restart: bool = True
    """Whether it is begun anew, once, if its server is told to stop while it runs."""
