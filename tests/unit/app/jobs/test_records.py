"""A job's records: what they add up to, whatever has become of them."""

import json
import time
from dataclasses import replace
from pathlib import Path

import pytest

from app.errors import JobInterrupted, UnknownJob
from app.jobs.idempotency import IdempotencyKey
from app.jobs.job import Job
from app.jobs.job_ids import find_surplus, id_at
from app.jobs.liveness import ServerProcess
from app.jobs.records import JobRecords
from app.logs import now
from app.store.contract import MissingKey, Store
from app.store.disk import DiskStore
from app.store.strange import pass_over

OWNER = ServerProcess("host", 7, "11")
JOB = Job("id", "exam-score", "2026-01-01T00:00:00.000Z")
CLAIM = IdempotencyKey("key", b"request")


def never(_: str) -> bool:
    """Say that no job was interrupted."""
    return False


@pytest.fixture
def records(store: Store) -> JobRecords:
    records = JobRecords(store)
    records.submit(JOB, OWNER)
    return records


def test_a_job_begins_as_it_was_submitted(records: JobRecords) -> None:
    assert records.read("id") == (JOB, OWNER)


def test_it_runs_from_its_first_progress_on(records: JobRecords) -> None:
    records.progress("id", "2026-01-01T00:00:01.000Z", 3, 0.5)
    records.progress("id", "2026-01-01T00:00:01.000Z", 7, 0.25)

    job, _ = records.read("id")
    assert job == replace(JOB, status="running", started="2026-01-01T00:00:01.000Z", epoch=7, loss=0.25)
    assert not job.is_finished


def test_only_the_first_note_of_how_it_ended_counts(records: JobRecords) -> None:
    records.finish("id", "succeeded", model_version=3)
    records.fail("id", JobInterrupted("too late"))

    job, _ = records.read("id")
    assert (job.status, job.model_version, job.error, job.is_finished) == ("succeeded", 3, None, True)


def test_a_failure_keeps_its_kind_and_its_words(records: JobRecords) -> None:
    records.fail("id", JobInterrupted("why"), epoch=3)

    job, _ = records.read("id")
    assert (job.status, job.epoch) == ("failed", 3)
    assert job.error is not None
    assert (job.error.kind, job.error.detail) == ("JobInterrupted", "why")


def test_that_a_job_shall_be_cancelled_is_told_to_whoever_asks(records: JobRecords) -> None:
    assert not records.is_cancel_asked("id")

    records.ask_to_cancel("id")
    records.ask_to_cancel("id")

    assert records.is_cancel_asked("id")
    assert not records.read("id")[0].is_finished


def test_a_job_that_is_known_already_is_not_made_known_again(records: JobRecords) -> None:
    assert not records.submit(replace(JOB, model_name="other"), OWNER)
    assert records.read("id") == (JOB, OWNER)


@pytest.mark.parametrize("job_id", ["absent", "", "..", "a/b", "/", "\0", "é", "x" * 300, "_staging"])
def test_an_id_that_was_not_given_out_is_an_unknown_job(records: JobRecords, job_id: str) -> None:
    with pytest.raises(UnknownJob):
        records.read(job_id)


DAMAGED = [b"", b"{", b"null", b"[]", b"7", b"\xff", b'{"nothing": "known"}']


WRONG_BEGINNINGS = [
    b'{"owner": {"table": "t", "pid": 7, "birth": "11"}, "model_name": "No Name", "created": "2026-01-01T00:00:00.000Z"}',
    b'{"owner": {"table": "t", "pid": [7], "birth": "11"}, "model_name": "x", "created": "2026-01-01T00:00:00.000Z"}',
    b'{"owner": {"table": "t", "pid": 7, "birth": "11"}, "model_name": "x", "created": null}',
]


@pytest.mark.parametrize("damaged", [*DAMAGED, *WRONG_BEGINNINGS])
def test_a_job_of_which_nothing_can_be_read_is_an_unknown_job(
    records: JobRecords, store: Store, damaged: bytes
) -> None:
    store.put("jobs/id/submitted.json", damaged)

    with pytest.raises(UnknownJob):
        records.read("id")


WRONG_PROGRESS = [
    b'{"started": 7}',
    b'{"epoch": "many"}',
    b'{"loss": NaN}',
    b'{"status": "asleep"}',
    b'{"model_name": "../x"}',
]


@pytest.mark.parametrize("damaged", [*DAMAGED, *WRONG_PROGRESS])
def test_progress_that_cannot_be_read_is_none(records: JobRecords, store: Store, damaged: bytes) -> None:
    store.put("jobs/id/progress.json", damaged)

    assert records.read("id") == (JOB, OWNER)


WRONG_ENDS = [
    b'{"status": "exploded", "finished": "2026-01-01T00:00:00.000Z"}',
    b'{"status": "running", "finished": "2026-01-01T00:00:00.000Z"}',
    b'{"status": "succeeded"}',
    b'{"status": "failed", "finished": 7}',
    b'{"status": "failed", "finished": "2026-01-01T00:00:00.000Z", "error": "words"}',
    b'{"status": "succeeded", "finished": "2026-01-01T00:00:00.000Z", "report": [1]}',
]


@pytest.mark.parametrize("damaged", [*DAMAGED, *WRONG_ENDS])
def test_a_job_of_which_the_end_cannot_be_read_has_failed(records: JobRecords, store: Store, damaged: bytes) -> None:
    store.put("jobs/id/finished.json", damaged)

    job, _ = records.read("id")
    assert (job.status, job.is_finished) == ("failed", True)
    assert job.error is not None
    assert "cannot be read" in job.error.detail


def test_ids_are_in_the_order_in_which_they_were_made(store: Store) -> None:
    records = JobRecords(store)
    ids = []
    for _ in range(5):
        ids.append(records.new_id())
        records.submit(replace(JOB, job_id=ids[-1]), OWNER)

    assert len(set(ids)) == 5
    assert [job_id[:12] for job_id in records.ids()] == sorted(job_id[:12] for job_id in ids)


def test_a_forgotten_job_leaves_nothing_behind(store: Store) -> None:
    records = JobRecords(store)
    job_id = records.reserve(CLAIM, records.new_id(), never)
    records.submit(replace(JOB, job_id=job_id), OWNER, CLAIM)
    records.progress(job_id, now(), 1, 0.5)
    records.ask_to_cancel(job_id)
    records.finish(job_id, "cancelled")

    records.forget(job_id)
    records.forget(job_id)

    assert records.ids() == []
    assert store.keys("claims") == []
    with pytest.raises(UnknownJob):
        records.read(job_id)


def test_jobs_are_too_many_from_the_oldest_on_or_too_old(store: Store) -> None:
    records = JobRecords(store)
    old, recent = "000000000001-00000000", records.new_id()
    for job_id in (old, recent):
        records.submit(replace(JOB, job_id=job_id), OWNER)

    assert find_surplus(records.ids(), kept=2, kept_seconds=1e12) == []
    assert find_surplus(records.ids(), kept=1, kept_seconds=1e12) == [old]
    assert find_surplus(records.ids(), kept=2, kept_seconds=60) == [old]
    assert find_surplus(records.ids(), kept=0, kept_seconds=60) == [old, recent]


def test_an_id_is_greater_than_all_that_there_are_whatever_the_clock_says(store: Store) -> None:
    records = JobRecords(store)
    ahead = f"{id_at(time.time() + 3600)}-00000000"
    ids = [ahead]
    for _ in range(3):
        records.submit(replace(JOB, job_id=ids[-1]), OWNER)
        ids.append(records.new_id())

    assert ids == sorted(set(ids))
    assert find_surplus(records.ids(), kept=1, kept_seconds=60) == ids[:2]


STRANGE = [
    ".DS_Store",
    ".nfs0000000000000001",
    "notes.txt",
    "id",
    "0199-",
    "\udcff",
    "a\nb",
    "é",
    "0" * 12 + "-ABCDEF00",
]


@pytest.mark.parametrize("name", STRANGE)
@pytest.mark.parametrize("is_folder", [True, False])
def test_what_is_no_job_is_passed_over_by_name_once(
    tmp_path: Path, name: str, is_folder: bool, caplog: pytest.LogCaptureFixture
) -> None:
    pass_over.cache_clear()
    records = JobRecords(DiskStore(str(tmp_path)))
    records.submit(replace(JOB, job_id=(job_id := records.new_id())), OWNER)
    strange = tmp_path / "jobs" / name
    strange.mkdir() if is_folder else strange.write_bytes(b"")

    assert [records.ids(), records.ids()] == [[job_id], [job_id]]
    assert records.new_id() > job_id
    (line,) = [record.getMessage() for record in caplog.records]
    assert repr(f"jobs/{name}") in line


def test_a_claim_says_nothing_of_the_request(store: Store) -> None:
    """It may be a table that is private."""
    JobRecords(store).reserve(IdempotencyKey("key", b"secret"), "id", never)

    (record,) = store.keys("claims")
    assert b"secret" not in store.get(f"claims/{record}")
    with pytest.raises(MissingKey):
        store.get("claims/key")
    assert set(json.loads(store.get(f"claims/{record}"))) == {"job_id", "request"}
