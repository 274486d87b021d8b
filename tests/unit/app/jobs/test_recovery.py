"""Recovery where a model cannot be read, or is being changed: what is meant for one job stands in no other one's way."""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from app.bootstrap import Connection
from app.errors import JobInterrupted
from app.jobs.job import Job
from app.jobs.jobs import Jobs
from app.jobs.liveness import ServerProcess
from app.jobs.queue import Limits
from app.jobs.records import JobRecords
from app.jobs.recovery import Recovery
from app.jobs.spool import Spool
from app.jobs.task import Policy, Task
from app.jobs.training_process import RUNNERS
from app.logs import now
from app.registry import BUILT_IN, EXAM_SCORE, Registry
from app.registry.log import ModelLog
from app.store import DiskStore
from tests.support.trained import publish, spec

DAMAGED, WHOLE = "a-damaged-model", "a-whole-model"
POLICY = Policy(3600, keep_versions=None, keep_tables=False, lock_name="none")


@pytest.fixture
def spool(folder: str) -> Spool:
    return Spool(DiskStore(folder), lambda: Connection(folder), POLICY)


@pytest.fixture
def records(folder: str) -> JobRecords:
    return JobRecords(DiskStore(folder))


def damage(folder: str, name: str = DAMAGED) -> None:
    """Make a model of which both copies of its snapshot are damaged."""
    store = DiskStore(folder)
    registry = Registry(store, BUILT_IN)
    registry.declare(name, BUILT_IN[EXAM_SCORE])
    publish(registry, name=name)
    log = ModelLog(store, BUILT_IN)
    log.fold(log.read(name), 1)
    for path in Path(folder, f"models/{name}/snapshots").iterdir():
        path.write_bytes(b"damaged")


def leave(spool: Spool, records: JobRecords, model_name: str, owner: ServerProcess | None = None) -> Job:
    """Have a job wait, by default in a server that has died."""
    job = Job(records.new_id(), model_name, now())
    task = Task(spec(), Connection("unused"), POLICY, model_name, job_id=job.job_id)
    spool.write(task, is_durable=False)
    records.submit(job, owner or replace(ServerProcess.this_process(), birth="1"), waiting=task.waiting)
    return job


def test_a_job_of_a_model_that_cannot_be_read_waits_and_those_after_it_are_taken_over(
    folder: str, spool: Spool, records: JobRecords
) -> None:
    damage(folder)
    waits, taken = leave(spool, records, DAMAGED), leave(spool, records, WHOLE)
    recovery = Recovery(records, Registry(DiskStore(folder), BUILT_IN))

    found = list(recovery.take_over(spool, (), ServerProcess.this_process()))

    assert [each.job_id for each in found] == [taken.job_id]
    assert records.read(waits.job_id)[0].status == "queued"


def test_a_job_of_such_a_model_waits_again_as_its_server_stops_whose_heartbeat_ends(
    folder: str, spool: Spool, records: JobRecords
) -> None:
    damage(folder)
    server = ServerProcess.this_process()
    job = leave(spool, records, DAMAGED, server)
    records.progress(job.job_id, now(), 1)
    records.heartbeats.heartbeat(server)
    jobs = Jobs(records, Registry(DiskStore(folder), BUILT_IN), spool, RUNNERS["process"], Limits())
    jobs._queue._running = job.job_id  # as if its process had begun it

    jobs.close(lambda: None)

    assert records.read(job.job_id)[0].status == "queued"
    assert not list(Path(folder, "owners").iterdir())


def test_a_heartbeat_ends_though_the_job_that_ran_has_been_forgotten(
    folder: str, spool: Spool, records: JobRecords
) -> None:
    records.heartbeats.heartbeat(ServerProcess.this_process())
    jobs = Jobs(records, Registry(DiskStore(folder), BUILT_IN), spool, RUNNERS["process"], Limits())
    jobs._queue._running = records.new_id()

    jobs.close(lambda: None)

    assert not list(Path(folder, "owners").iterdir())


def test_why_the_end_of_a_job_cannot_be_recorded_is_logged_once(
    folder: str, spool: Spool, records: JobRecords, caplog: pytest.LogCaptureFixture
) -> None:
    damage(folder)
    jobs = [leave(spool, records, DAMAGED) for _ in range(2)]
    recovery = Recovery(records, Registry(DiskStore(folder), BUILT_IN))

    with caplog.at_level(logging.ERROR, "scorecast.jobs"):
        for job in jobs:
            recovery.record_later(job.job_id, JobInterrupted("it died"))
        for _ in range(3):
            recovery.record_all()

    told = [each.getMessage() for each in caplog.records if each.name == "scorecast.jobs"]
    assert told == [f"job {job.job_id}: how it ended cannot be recorded" for job in jobs]


def _remove_version(registry: Registry, name: str) -> None:
    publish(registry, seed=1, name=name)
    registry.remove_version(name, 1)


class ChangedRegistry(Registry):
    """A registry in which another request changes the model as soon as a job is found to have published."""

    change: Callable[[Registry, str], object]

    def end_job(self, name: str, job_id: str) -> int | None:
        number = super().end_job(name, job_id)
        type(self).change(self, name)
        return number


@pytest.mark.parametrize("change", [_remove_version, Registry.delete], ids=["version", "model"])
def test_a_job_whose_version_has_just_been_removed_has_succeeded_with_its_number(
    folder: str,
    spool: Spool,
    records: JobRecords,
    change: Callable[[Registry, str], object],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ChangedRegistry, "change", change, raising=False)
    registry = ChangedRegistry(DiskStore(folder), BUILT_IN)
    registry.declare(WHOLE, BUILT_IN[EXAM_SCORE])
    job = leave(spool, records, WHOLE)
    publish(registry, job_id=job.job_id, name=WHOLE)

    ended = Recovery(records, registry).record(job, JobInterrupted("it died"))

    assert (ended.status, ended.model_version, ended.report, ended.error) == ("succeeded", 1, None, None)
