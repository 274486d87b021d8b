"""A job's records in the store: where its server and its worker meet.

A job is a few records, each with one writer: `submitted` (the server), `progress` (the worker, again and again),
`cancel` (the server that is asked to), `handed-over` (the server, as it stops while the job runs) and `finished` (the first
of: the worker, or a server that finds it gone). A server that takes over a job which waited in one that has gone writes
`owner-1`, the next one `owner-2`, and so on.
So any server can tell what a job is now, and a restart forgets nothing.
"""

import json
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import asdict, replace
from typing import Any

from pydantic import TypeAdapter

from app.errors import JobInterrupted, UnknownJob
from app.jobs.idempotency import IdempotencyKey, release
from app.jobs.job import Failure, Job, Waiting
from app.jobs.job_ids import JOB_ID, make_id
from app.jobs.liveness import Heartbeats, Owners, ServerProcess
from app.logs import now
from app.registry import NAME, Version
from app.store import MissingKey, Store, list_names, pass_over, remove_free_locks

RECORDS = ("submitted", "attempts", "progress", "handed-over", "cancel", "finished")
"""The names of a job's records, but for those of its owners."""


class JobRecords:
    """The records of all jobs in a store."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.heartbeats, self.owners = Heartbeats(store), Owners(store)

    def ids(self) -> list[str]:
        """Return all job ids, the oldest first."""
        return list_names(self._store, "jobs", JOB_ID)

    def new_id(self) -> str:
        """Return an id for a job, greater than all that there are, whatever clock they were made by."""
        return make_id(self.ids())

    def reserve(self, key: IdempotencyKey, job_id: str, is_interrupted: Callable[[str], bool]) -> str:
        """Return the id of the job that carries out a request: this one, or that of a request that has come before."""
        return key.reserve(self._store, job_id, is_interrupted)

    def existing_job(self, key: IdempotencyKey) -> str | None:
        """Return the id of the job that carries out a request, if it has come before. Raises `IdempotencyKeyReused`."""
        return key.existing_job(self._store)

    def submit(
        self, job: Job, server: ServerProcess, key: IdempotencyKey | None = None, waiting: Waiting | None = None
    ) -> bool:
        """Make the job known; False if it is already."""
        facts: dict[str, Any] = {"job_id": job.job_id, "model_name": job.model_name, "created": job.created}
        facts |= {"owner": asdict(server), "claim": key and key.record_key}
        facts |= {"read": job.read} if job.read else {}
        for name in ("client", "table_bytes", "request_id", "restart") if waiting else ():
            facts[name] = getattr(waiting, name)
        return self._store.create(_key(job.job_id, "submitted"), _bytes(facts))

    def waiting(self, job_id: str) -> Waiting:
        """Return the job as it waits in a queue. Raises `JobInterrupted` if the record is damaged."""
        try:
            facts = self._read(job_id, "submitted")
            return _WAITING.validate_python({"client": "", "table_bytes": 0, **facts, "job_id": job_id})
        except _UNREADABLE:
            raise JobInterrupted("the request's record in the store is damaged: send it again") from None

    def count_attempt(self, job_id: str) -> int:
        """Record that a job that waited is about to be started, and return how often it was, this time included."""
        attempts = 1
        with suppress(*_UNREADABLE):
            attempts += int(self._read(job_id, "attempts")["attempts"])
        self._store.put(_key(job_id, "attempts"), _bytes({"attempts": attempts}), is_durable=False)
        return attempts

    def put_back(self, job_id: str) -> None:
        """Have a job wait as if nothing had begun it: its process, which has ended, was not ended for anything it did."""
        for record in ("progress", "attempts"):
            self._store.delete(_key(job_id, record))

    def hand_over(self, job_id: str) -> bool:
        """Note that a job that ran is left to the next server; False if it has been before."""
        return self._store.create(_key(job_id, "handed-over"), _bytes({"at": now()}))

    def forget(self, job_id: str) -> None:
        """Remove all records of a job."""
        with suppress(*_UNREADABLE):
            if claim := self._read(job_id, "submitted")["claim"]:
                release(self._store, claim, job_id)
        self.owners.forget(job_id)
        for record in RECORDS:
            self._store.delete(_key(job_id, record))

    def lock(self, name: str) -> AbstractContextManager[bool]:
        """Hold a lock for the time of the block, unless another process does; gives whether it is held."""
        return self._store.lock(f"locks/{name}")

    def remove_free_locks(self) -> None:
        """Remove what processes that were killed have left of their locks."""
        remove_free_locks(self._store, "locks")

    def progress(self, job_id: str, started: str, epoch: int, loss: float | None = None, **seen: Any) -> None:
        """Note how far the training has come, and what else can be seen of it."""
        facts = _bytes({"started": started, "epoch": epoch, "loss": loss, **seen})
        self._store.put(_key(job_id, "progress"), facts, is_durable=False)

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
            server = _SERVERS.validate_python(submitted["owner"])
            read = tuple(submitted.get("read", ()))  # older records have none
            asked_by = submitted.get("request_id") or None
            job = _check(Job(job_id, submitted["model_name"], submitted["created"], read=read, request_id=asked_by))
        except _UNREADABLE:
            raise UnknownJob(f"there is no job {job_id!r}") from None
        with suppress(*_UNREADABLE):
            job = _check(replace(job, status="running", **self._read(job_id, "progress")))
        try:
            return _finished(job, self._read(job_id, "finished")), server
        except MissingKey:
            return job, self.owners.last(job_id) or server
        except _UNREADABLE:
            pass_over(_key(job_id, "finished"), "it is damaged")
            damaged = Failure.of(JobInterrupted("how it ended cannot be read any more"))
            return replace(job, status="failed", finished=job.created, error=damaged), server

    def is_finished(self, job_id: str) -> bool:
        """Whether it is recorded how a job ended, or the job is forgotten."""
        try:
            return self.read(job_id)[0].is_finished
        except UnknownJob:
            return True

    def _read(self, job_id: str, record: str) -> dict[str, Any]:
        facts: dict[str, Any] = json.loads(self._store.get(_key(job_id, record)))
        return facts


_JOBS, _SERVERS, _WAITING = TypeAdapter(Job), TypeAdapter(ServerProcess), TypeAdapter(Waiting)


def _check(job: Job) -> Job:
    """Return a job whose members are what they must be. Raises `ValueError`."""
    checked = _JOBS.validate_python(vars(job))
    if not NAME.fullmatch(checked.model_name):
        raise ValueError(f"no name of a model: {checked.model_name!r}")
    return checked


def _finished(job: Job, facts: dict[str, Any]) -> Job:
    """Return the job as it ended. Raises `ValueError`, `TypeError`."""
    finished = _check(replace(job, progress=None, network=None, **facts))
    if not finished.is_finished or finished.status in {"queued", "running"}:
        raise ValueError("it does not say how the job ended")
    return finished


_UNREADABLE = (MissingKey, ValueError, KeyError, TypeError, AttributeError)
"""What reading a record may raise: it is missing, its name is not valid, or it is damaged."""


def _key(job_id: str, record: str) -> str:
    return f"jobs/{job_id}/{record}.json"


def _bytes(facts: dict[str, Any]) -> bytes:
    return json.dumps(facts).encode()
