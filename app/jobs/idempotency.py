"""Idempotency keys: a request that is sent again is carried out once."""

import hashlib
import json
from dataclasses import dataclass

from app.errors import IdempotencyKeyReused
from app.store import MissingKey, Store


@dataclass(frozen=True)
class IdempotencyKey:
    """A request that must be carried out once, however often it is sent (`Idempotency-Key`)."""

    key: str
    """Chosen by the client."""
    request: bytes
    """The whole request, as bytes that are equal for equal requests."""

    @property
    def record_key(self) -> str:
        """The key of its record in the store."""
        return f"claims/{hashlib.sha256(self.key.encode()).hexdigest()}.json"

    def reserve(self, store: Store, job_id: str) -> str:
        """Reserve the key for a job, and return the id of the job that carries out the request: this one, or an earlier one.

        Raises `IdempotencyKeyReused` if the key has come with another request.
        """
        if store.create(self.record_key, json.dumps({"job_id": job_id, "request": self._digest}).encode()):
            return job_id
        return self.existing_job(store) or job_id

    def existing_job(self, store: Store) -> str | None:
        """Return the id of the job that carries out the request, if it has come before. Raises `IdempotencyKeyReused`."""
        try:
            reserved = json.loads(store.get(self.record_key))
        except MissingKey:
            return None
        if reserved["request"] != self._digest:
            raise IdempotencyKeyReused("this Idempotency-Key has been used for another request: take a new one")
        return str(reserved["job_id"])

    @property
    def _digest(self) -> str:
        return hashlib.sha256(self.request).hexdigest()
