"""A claim on a job: the request that it carries out, so that one which is sent again is carried out once."""

import hashlib
import json
from dataclasses import dataclass

from app.store import MissingKey, Store


class OtherRequest(Exception):
    """The idempotency key has come with another request before."""


@dataclass(frozen=True)
class Claim:
    """A request that must be carried out once, however often it is sent (`Idempotency-Key`)."""

    key: str
    """Of the client's choice."""
    request: bytes
    """All that the client asks for."""

    @property
    def record(self) -> str:
        """The key of its record in the store."""
        return f"claims/{hashlib.sha256(self.key.encode()).hexdigest()}.json"

    def settle(self, store: Store, job_id: str) -> str:
        """Return the id of the job that carries out the request: this one, or one from before.

        Raises `OtherRequest` if the key has come with another request.
        """
        if store.create(self.record, json.dumps({"job_id": job_id, "request": self._digest}).encode()):
            return job_id
        return self.settled(store) or job_id

    def settled(self, store: Store) -> str | None:
        """Return the id of the job that carries out the request, if it has come before. Raises `OtherRequest`."""
        try:
            made = json.loads(store.get(self.record))
        except MissingKey:
            return None
        if made["request"] != self._digest:
            raise OtherRequest("this Idempotency-Key has been used for another request: take a new one")
        return str(made["job_id"])

    @property
    def _digest(self) -> str:
        return hashlib.sha256(self.request).hexdigest()
