"""The check of what belongs to jobs: what is damaged or of nobody is told, and only what belongs to no job is removed."""

import os
import time
from pathlib import Path

import pytest

from app.jobs import RECORDS, JobRecords
from app.jobs.job import Job
from app.jobs.liveness import ServerProcess
from app.registry import EXAM_SCORE
from app.store import DiskStore
from app.upkeep import check_store, mend_store

JOB = "0" * 12 + "-" + "1" * 8
GONE = "2" * 12 + "-" + "3" * 8


@pytest.fixture
def records(folder: str) -> JobRecords:
    """The records of a job, all of them."""
    records, server = JobRecords(DiskStore(folder)), ServerProcess.this_process()
    records.submit(Job(JOB, EXAM_SCORE, "2026-01-01T00:00:00.000Z"), server)
    records.count_attempt(JOB)
    records.progress(JOB, "2026-01-01T00:00:00.000Z", 1)
    records.hand_over(JOB)
    records.owners.take_over(JOB, server)
    records.ask_to_cancel(JOB)
    records.finish(JOB, "cancelled")
    return records


def write(folder: str, *keys: str) -> None:
    for key in keys:
        Path(folder, key).parent.mkdir(parents=True, exist_ok=True)
        Path(folder, key).write_bytes(b"no JSON")


def found_when_old(folder: str) -> list[tuple[str, str]]:
    for path in Path(folder).rglob("*"):
        os.utime(path, (time.time() - 2 * 86400,) * 2)
    return sorted((finding.kind, finding.key) for finding in check_store(DiskStore(folder), folder).findings)


def files(folder: str) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in Path(folder).rglob("*") if path.is_file()}


def mend(folder: str) -> list[str]:
    return mend_store(DiskStore(folder), check_store(DiskStore(folder), folder))


def test_every_record_of_a_job_is_known_and_forgotten_with_it(records: JobRecords, folder: str) -> None:
    assert files(f"{folder}/jobs/{JOB}") == {f"{name}.json" for name in (*RECORDS, "owner-1")}
    assert found_when_old(folder) == []

    records.forget(JOB)

    assert not [key for key in files(folder) if key.startswith("jobs/")]


def test_a_job_whose_first_record_is_damaged_keeps_all_that_it_has(records: JobRecords, folder: str) -> None:
    write(folder, f"jobs/{JOB}/submitted.json", f"spool/{JOB}")
    before = files(folder)

    damaged = [("damaged", f"jobs/{JOB}/submitted.json"), ("damaged", f"spool/{JOB}")]
    assert found_when_old(folder) == damaged
    assert mend(folder) == []

    assert files(folder) == before
    assert found_when_old(folder) == damaged


def test_what_is_left_of_a_job_that_is_forgotten_goes_file_by_file(records: JobRecords, folder: str) -> None:
    left = [f"jobs/{GONE}/finished.json", f"jobs/{GONE}/owner-7.json", f"spool/{GONE}"]
    before = files(folder)
    write(folder, *left)

    assert found_when_old(folder) == [("orphaned", key) for key in left]
    assert [each.split()[1].rstrip(":") for each in mend(folder) if f"{GONE}" in each] == left

    assert files(folder) == before


def test_files_that_no_service_writes_are_unknown_and_stay(records: JobRecords, folder: str) -> None:
    strange = ["jobs/.DS_Store", f"jobs/{JOB}/notes.txt", f"jobs/{GONE}/._finished.json", "owners/.DS_Store"]
    write(folder, *strange)

    assert found_when_old(folder) == sorted(("unknown", key) for key in strange)
    mend(folder)

    assert files(folder) >= set(strange)
