"""A job's records in the store: where its server and its worker meet.

A job is up to four records, each with one writer: `submitted` (the server), `progress` (the worker,
again and again), `cancel` (the server that is asked to) and `finished` (the first of: the worker, or a
server that finds the worker gone). What a job is now is read from them, so any server can tell, and a
restart forgets nothing.
"""

import json
import secrets
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from app.errors import JobInterrupted, UnknownJob
from app.jobs.idempotency import IdempotencyKey
from app.jobs.liveness import Heartbeats, ServerProcess
from app.registry import Version
from app.store import MissingKey, Store


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
    """All times are ISO 8601, UTC."""
    status: str = "queued"
    started: str | None = None
    finished: str | None = None
    epoch: int | None = None
    loss: float | None = None
    model_version: int | None = None
    duration_seconds: float | None = None
    report: dict[str, Any] | None = None
    """The version's: what was answered is answered again, though the version may have been removed."""
    error: Failure | None = None

    @property
    def is_finished(self) -> bool:
        """Whether the job will not change any more."""
        return self.finished is not None


class JobRecords:
    """The records of all jobs in a store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.heartbeats = Heartbeats(store)

    def ids(self) -> list[str]:
        """Return all job ids, the oldest first."""
        return self._store.keys("jobs")

    def new_id(self, key: IdempotencyKey | None = None) -> str:
        """Return an id for a job, the greater the later it is made; for a request that has come before, that job's."""
        job_id = f"{id_at(time.time())}-{secrets.token_hex(4)}"
        return job_id if key is None else key.reserve(self._store, job_id)

    def existing_job(self, key: IdempotencyKey) -> str | None:
        """Return the id of the job that carries out a request, if it has come before. Raises `IdempotencyKeyReused`."""
        return key.existing_job(self._store)

    def submit(self, job: Job, server: ServerProcess, key: IdempotencyKey | None = None) -> bool:
        """Make the job known; False if it is already."""
        facts = {
            "job_id": job.job_id,
            "model_name": job.model_name,
            "created": job.created,
            "owner": asdict(server),
            "claim": key and key.record_key,
        }
        return self._store.create(_key(job.job_id, "submitted"), _bytes(facts))

    def forget(self, job_id: str) -> None:
        """Remove all records of a job."""
        with suppress(*_UNREADABLE):
            if claim := self._read(job_id, "submitted")["claim"]:
                self._store.delete(claim)
        for record in ("submitted", "progress", "cancel", "finished"):
            self._store.delete(_key(job_id, record))

    def progress(self, job_id: str, started: str, epoch: int, loss: float) -> None:
        """Note how far the training has come."""
        self._store.put(_key(job_id, "progress"), _bytes({"started": started, "epoch": epoch, "loss": loss}))

    def finish(self, job_id: str, status: str, **facts: Any) -> None:
        """Note how the job ended; only the first such note counts."""
        self._store.create(_key(job_id, "finished"), _bytes({"status": status, "finished": now(), **facts}))

    def succeed(self, job_id: str, version: Version, **facts: Any) -> None:
        """Note what the job has made; only the first such note counts."""
        made = {"model_version": version.number, "duration_seconds": version.duration_seconds, "report": version.report}
        self.finish(job_id, "succeeded", **made, **facts)

    def fail(self, job_id: str, error: Exception, **facts: Any) -> None:
        """Record why the job failed; only the first such note counts."""
        self.finish(job_id, "failed", error=asdict(Failure.of(error)), **facts)

    def ask_to_cancel(self, job_id: str) -> None:
        """Ask the worker to stop."""
        self._store.create(_key(job_id, "cancel"), _bytes({"asked": now()}))

    def is_cancel_asked(self, job_id: str) -> bool:
        """Whether a client has asked the worker to stop."""
        with suppress(MissingKey):
            self._store.get(_key(job_id, "cancel"))
            return True
        return False

    def read(self, job_id: str) -> tuple[Job, ServerProcess]:
        """Return a job as its records tell it, and the server that owns it. Raises `UnknownJob`."""
        try:
            submitted = self._read(job_id, "submitted")
            server = ServerProcess(**submitted["owner"])
            job = Job(job_id, submitted["model_name"], submitted["created"])
        except _UNREADABLE:
            raise UnknownJob(f"there is no job {job_id!r}") from None
        with suppress(*_UNREADABLE):
            job = replace(job, status="running", **self._read(job_id, "progress"))
        try:
            finished = self._read(job_id, "finished")
            error = finished.pop("error", None)
            return replace(job, error=error and Failure(**error), **finished), server
        except MissingKey:
            return job, server
        except _UNREADABLE:
            damaged = Failure.of(JobInterrupted("how it ended cannot be read any more"))
            return replace(job, status="failed", finished=job.created, error=damaged), server

    def _read(self, job_id: str, record: str) -> dict[str, Any]:
        facts: dict[str, Any] = json.loads(self._store.get(_key(job_id, record)))
        return facts


_UNREADABLE = (MissingKey, ValueError, KeyError, TypeError, AttributeError)
"""What reading a record may raise: it is missing, its name is not valid, or it is damaged."""


def id_at(seconds: float) -> str:
    """Return how the ids of jobs begin that were made at this time (seconds since 1970): later ids are greater."""
    return f"{int(seconds * 1000):012x}"


def now() -> str:
    """The time of day, ISO 8601, UTC."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _key(job_id: str, record: str) -> str:
    return f"jobs/{job_id}/{record}.json"


def _bytes(facts: dict[str, Any]) -> bytes:
    return json.dumps(facts).encode()
