"""How many jobs there are of each status, as the metrics tell it."""

from typing import Any

import pytest

from app.bootstrap import Connection
from app.errors import JobInterrupted
from app.jobs import JobRecords, Jobs, Limits, Policy, ServerProcess, Spool
from app.jobs.job import Job
from app.jobs.status_counts import StatusCounts
from app.jobs.training_process import RUNNERS
from app.logs import now

NONE = {"queued": 0, "running": 0, "succeeded": 0, "failed": 0, "cancelled": 0}


@pytest.fixture
def records(folder: str) -> JobRecords:
    return Connection(folder)()[0]


@pytest.fixture
def statuses(folder: str, records: JobRecords) -> StatusCounts:
    connect = Connection(folder)
    spool = Spool(records._store, lambda: connect, Policy(1, None, keep_tables=False, lock_name="lock"))
    return StatusCounts(Jobs(records, connect()[1], spool, RUNNERS["process"], Limits()))


def submit(records: JobRecords) -> str:
    job_id = records.new_id()
    records.submit(Job(job_id, "exam-score", now()), ServerProcess.this_process())
    return job_id


def test_each_status_is_counted_also_where_there_is_none(records: JobRecords, statuses: StatusCounts) -> None:
    assert statuses.count() == NONE
    queued, running, failed = (submit(records) for _ in range(3))
    records.progress(running, now(), 1)
    records.fail(failed, JobInterrupted("why"))

    assert statuses.count() == {**NONE, "queued": 1, "running": 1, "failed": 1}
    records.finish(queued, "cancelled")
    assert statuses.count() == {**NONE, "cancelled": 1, "running": 1, "failed": 1}


def test_one_that_has_finished_is_read_once_and_not_counted_when_it_is_forgotten(
    records: JobRecords, statuses: StatusCounts, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = submit(records), submit(records)
    records.finish(first, "cancelled")
    assert statuses.count() == {**NONE, "cancelled": 1, "queued": 1}

    read: list[str] = []
    original = JobRecords.read

    def note(self: JobRecords, job_id: str) -> Any:
        read.append(job_id)
        return original(self, job_id)

    monkeypatch.setattr(JobRecords, "read", note)
    assert statuses.count() == {**NONE, "cancelled": 1, "queued": 1}
    assert set(read) == {second}
    records.forget(first)
    assert statuses.count() == {**NONE, "queued": 1}
    assert statuses._finished == {}
