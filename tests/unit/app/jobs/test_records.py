"""A job's records: what they add up to, whatever has become of them."""

import json
from dataclasses import replace

import pytest

from app.errors import IdempotencyKeyReused, JobInterrupted, UnknownJob
from app.jobs.idempotency import IdempotencyKey
from app.jobs.liveness import ServerProcess
from app.jobs.records import Job, JobRecords, now
from app.jobs.retention import find_surplus
from app.store.contract import MissingKey, Store

OWNER = ServerProcess("host", 7, "11")
JOB = Job("id", "exam-score", "2026-01-01T00:00:00.000Z")
CLAIM = IdempotencyKey("key", b"request")


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


@pytest.mark.parametrize("damaged", DAMAGED)
def test_a_job_of_which_nothing_can_be_read_is_an_unknown_job(
    records: JobRecords, store: Store, damaged: bytes
) -> None:
    store.put("jobs/id/submitted.json", damaged)

    with pytest.raises(UnknownJob):
        records.read("id")


@pytest.mark.parametrize("damaged", DAMAGED)
def test_progress_that_cannot_be_read_is_none(records: JobRecords, store: Store, damaged: bytes) -> None:
    store.put("jobs/id/progress.json", damaged)

    assert records.read("id") == (JOB, OWNER)


@pytest.mark.parametrize("damaged", DAMAGED)
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
    job_id = records.new_id(CLAIM)
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
    old, recent = "000000000001-old", records.new_id()
    for job_id in (old, recent):
        records.submit(replace(JOB, job_id=job_id), OWNER)

    assert find_surplus(records.ids(), kept=2, kept_seconds=1e12) == []
    assert find_surplus(records.ids(), kept=1, kept_seconds=1e12) == [old]
    assert find_surplus(records.ids(), kept=2, kept_seconds=60) == [old]
    assert find_surplus(records.ids(), kept=0, kept_seconds=60) == [old, recent]


def test_a_claim_leads_to_the_job_that_it_was_settled_with(store: Store) -> None:
    records = JobRecords(store)
    first = records.new_id(CLAIM)

    assert records.new_id(CLAIM) == first
    assert records.new_id(replace(CLAIM, key="other")) != first
    with pytest.raises(IdempotencyKeyReused):
        records.new_id(replace(CLAIM, request=b"other"))


def test_a_claim_says_nothing_of_the_request(store: Store) -> None:
    """It may be a table that is private."""
    JobRecords(store).new_id(IdempotencyKey("key", b"secret"))

    (record,) = store.keys("claims")
    assert b"secret" not in store.get(f"claims/{record}")
    with pytest.raises(MissingKey):
        store.get("claims/key")
    assert set(json.loads(store.get(f"claims/{record}"))) == {"job_id", "request"}
