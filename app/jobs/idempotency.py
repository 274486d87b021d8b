"""Idempotency keys: a request that is sent again is carried out once.

A key's reservations are records numbered 1, 2, 3, ..., each made by create-if-absent; the last one counts. A key is
reserved anew only after its job was interrupted or its record damaged, so there is hardly ever a second one.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import Any

from app.errors import IdempotencyKeyReused
from app.store import MissingKey, Store, pass_over


@dataclass(frozen=True)
class IdempotencyKey:
    """A request that must be carried out once, however often it is sent (`Idempotency-Key`)."""

    key: str
    """Chosen by the client."""
    request: bytes
    """Of the request all but the body, as bytes that are equal for equal requests."""
    body: bytes = b""
    """The request's body."""

    @property
    def record_key(self) -> str:
        """The key of its first record in the store."""
        return f"claims/{hashlib.sha256(self.key.encode()).hexdigest()}.json"

    def reserve(self, store: Store, job_id: str, is_interrupted: Callable[[str], bool]) -> str:
        """Reserve the key for a job, and return the id of the job that carries out the request: this one, or an earlier one.

        Of several requests at once one makes the next reservation, and the others find it. Raises
        `IdempotencyKeyReused` if the key has come with another request.
        """
        reservation = json.dumps({"job_id": job_id, "request": self._digest}).encode()
        while True:
            earlier = [self._job_id(each) for each in _reservations(store, self.record_key)]
            if earlier and earlier[-1] is not None and not is_interrupted(earlier[-1]):
                return earlier[-1]
            if store.create(_record_key(self.record_key, len(earlier) + 1), reservation):
                return job_id

    def existing_job(self, store: Store) -> str | None:
        """Return the id of the job that carries out the request, if it has come before. Raises `IdempotencyKeyReused`."""
        job_ids = [self._job_id(reservation) for reservation in _reservations(store, self.record_key)]
        return next(filter(None, reversed(job_ids)), None)

    def _job_id(self, reservation: dict[str, Any] | None) -> str | None:
        """Return the id of a reservation's job; None: it is damaged. Raises `IdempotencyKeyReused`."""
        if reservation is None:
            return None
        if reservation["request"] != self._digest:
            raise IdempotencyKeyReused("this Idempotency-Key has been used for another request: take a new one")
        return str(reservation["job_id"])

    @property
    def _digest(self) -> str:
        found = hashlib.sha256(self.request)
        found.update(self.body)
        return found.hexdigest()


def release(store: Store, record_key: str, job_id: str) -> None:
    """Remove a key's reservations, if the last one is for this job: the next request with the key is a new one."""
    reservations = list(_reservations(store, record_key))
    if reservations and (reservations[-1] or {}).get("job_id") == job_id:
        for number in range(len(reservations), 0, -1):
            store.delete(_record_key(record_key, number))


def _reservations(store: Store, record_key: str) -> Iterator[dict[str, Any] | None]:
    """Yield a key's reservations in their order; None for one that is damaged."""
    with suppress(MissingKey):
        for number in count(1):
            yield _read(store, record_key, number)


def _read(store: Store, record_key: str, number: int) -> dict[str, Any] | None:
    """Return a reservation, or None if it is damaged. Raises `MissingKey`."""
    key = _record_key(record_key, number)
    data = store.get(key)
    try:
        reservation: dict[str, Any] = json.loads(data)
        reservation["request"], reservation["job_id"]
    except (ValueError, KeyError, TypeError):
        pass_over(key, "this Idempotency-Key's record is damaged")
        return None
    return reservation


def _record_key(first: str, number: int) -> str:
    return first if number == 1 else f"{first.removesuffix('.json')}-{number}.json"
