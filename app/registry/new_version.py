"""A new version before it is published: a checkpoint, the table that it was trained with, and its provenance."""

import hashlib
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from app.errors import StoreError
from app.store import Store
from model.checkpoint import Checkpoint


@dataclass(frozen=True, eq=False)
class NewVersion:
    """Bytes that are stored under new keys, and the record that makes them a version."""

    name: str
    """Of the model."""
    checkpoint: Checkpoint[Any]
    table: bytes | None
    """The CSV that it was trained with, if it is to be kept."""
    provenance: Mapping[str, Any]
    """How it came about: created, job_id, duration_seconds, report."""
    deletions: int | None = None
    """Of the model that it is meant for: not for the next one of that name. None: for any."""
    unique: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def checkpoint_key(self) -> str:
        """Where the checkpoint goes."""
        return f"models/{self.name}/checkpoints/{self.unique}.safetensors"

    @property
    def table_key(self) -> str | None:
        """Where the table goes."""
        return None if self.table is None else f"models/{self.name}/tables/{self.unique}.csv"

    @cached_property
    def blobs(self) -> dict[str, bytes]:
        """What is to be kept, by its key."""
        blobs = {self.checkpoint_key: self.checkpoint.to_bytes()}
        if self.table is not None and self.table_key is not None:
            blobs[self.table_key] = self.table
        return blobs

    def write_to(self, store: Store) -> None:
        """Write the bytes to a store: all of them, or none."""
        try:
            for key, data in self.blobs.items():
                store.create(key, data)
        except StoreError:
            self.remove_from(store)
            raise

    def remove_from(self, store: Store) -> None:
        """Remove the bytes from a store."""
        for key in self.blobs:
            store.delete(key)

    def record(self) -> dict[str, Any]:
        """Return the members of the version, but its number."""
        return {
            **self.provenance,
            "checkpoint": self.checkpoint_key,
            "sha256": sha256(self.blobs[self.checkpoint_key]),
            "table": self.table_key,
            "table_sha256": None if self.table is None else sha256(self.table),
        }


def sha256(data: bytes) -> str:
    """Return the digest that says whether bytes are those that were published."""
    return hashlib.sha256(data).hexdigest()
