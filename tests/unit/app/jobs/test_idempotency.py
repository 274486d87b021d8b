"""Idempotency keys: a request is carried out once, whatever has become of the records."""

import os
from collections.abc import Sequence
from dataclasses import replace

import pytest

from app.errors import IdempotencyKeyReused
from app.jobs.idempotency import IdempotencyKey, release
from app.store.contract import Store
from app.store.disk import DiskStore
from tests.support.racing import Racetrack

KEY = IdempotencyKey("key", b"request")


def never(_: str) -> bool:
    """Say that no job was interrupted."""
    return False


def test_a_key_leads_to_the_job_that_it_was_reserved_for(store: Store) -> None:
    assert KEY.existing_job(store) is None
    assert KEY.reserve(store, "first", never) == "first"
    assert KEY.reserve(store, "second", never) == "first"
    assert KEY.existing_job(store) == "first"
    assert replace(KEY, key="other").reserve(store, "second", never) == "second"
    with pytest.raises(IdempotencyKeyReused):
        replace(KEY, request=b"other").reserve(store, "third", never)


def test_a_key_whose_job_was_interrupted_is_reserved_anew(store: Store) -> None:
    lost = {"first"}
    KEY.reserve(store, "first", lost.__contains__)

    assert KEY.reserve(store, "second", lost.__contains__) == "second"
    assert KEY.reserve(store, "third", lost.__contains__) == "second"
    lost.add("second")
    assert KEY.reserve(store, "third", lost.__contains__) == "third"
    assert KEY.existing_job(store) == "third"
    with pytest.raises(IdempotencyKeyReused):
        replace(KEY, request=b"other").reserve(store, "fourth", lambda _: True)


DAMAGED = [b"", b"{", b"null", b"[]", b"7", b'"text"', b"\xff", b"{}", b'{"job_id": "first"}']


@pytest.mark.parametrize("damaged", DAMAGED)
def test_a_reservation_that_is_damaged_is_passed_over(store: Store, damaged: bytes) -> None:
    store.put(KEY.record_key, damaged)

    assert KEY.existing_job(store) is None
    assert KEY.reserve(store, "second", never) == "second"
    assert KEY.reserve(store, "third", never) == KEY.existing_job(store) == "second"


def test_a_key_is_released_by_the_last_of_its_jobs_only(store: Store) -> None:
    for job_id in ("first", "second"):
        KEY.reserve(store, job_id, lambda _: True)

    release(store, KEY.record_key, "first")
    assert KEY.existing_job(store) == "second"
    release(store, KEY.record_key, "second")
    assert store.keys("claims") == []


def _reserve(folder: str, number: int) -> str:

    return KEY.reserve(DiskStore(folder), f"{number}-{os.getpid()}", lambda job_id: not job_id.startswith(f"{number}-"))


def test_of_all_who_reserve_at_once_exactly_one_does(racetrack: Racetrack, folder: str) -> None:
    for number in range(5):
        reserved: Sequence[str] = racetrack.race(_reserve, folder, number)
        assert len(set(reserved)) == 1
