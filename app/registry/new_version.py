"""A new version before it is published: a checkpoint, the table that it was trained with, what was said of its rows, its provenance."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from app.errors import ExistingVersion, IdempotencyKeyReused, JobInterrupted, OtherColumns, StoreError, UnknownModel
from app.registry.declaration import Declaration
from app.registry.published import discard, sha256
from app.registry.state import ModelState, Version
from app.store import Store
from model.checkpoint import Checkpoint


@dataclass(frozen=True)
class Upload:
    """On which terms an uploaded version is published."""

    file: bytes
    """Its checkpoint as it came."""
    number: int | None = None
    """What it is to be called; None: the next number."""
    keeps_default: bool = False
    """Whether the version that answers goes on answering, if there is one."""
    takes_own_columns: bool = False
    """Whether it is published though the model is declared with other columns."""
    key: str | None = None
    """The digest of its `Idempotency-Key`, and that of what was sent with it."""

    def is_repeated_in(self, version: Version) -> bool:
        """Tell whether a version came of the same request. Raises `IdempotencyKeyReused` for another with the same key."""
        key, _, sent = (self.key or "").partition(" ")
        earlier, _, known = (version.upload_key or "").partition(" ")
        if key and key == earlier and sent != known:
            raise IdempotencyKeyReused("this Idempotency-Key has been used for another request: take a new one")
        return bool(key) and key == earlier


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
    declaration: Declaration | None = None
    """What it declares the model to be, if it is the first version and the model is not declared yet."""
    unseen: bytes | None = None
    """What was said of the table's rows by what had not seen them, if it is to be kept."""
    upload: Upload | None = None
    """None: it was trained here."""
    unique: str = field(default_factory=lambda: uuid.uuid4().hex)

    @property
    def checkpoint_key(self) -> str:
        """Where the checkpoint goes."""
        return f"models/{self.name}/checkpoints/{self.unique}.safetensors"

    @property
    def table_key(self) -> str | None:
        """Where the table goes."""
        return None if self.table is None else f"models/{self.name}/tables/{self.unique}.csv"

    @property
    def unseen_key(self) -> str | None:
        """Where what was said of unseen rows goes: beside the table, whose folder is there already."""
        return None if self.unseen is None else f"models/{self.name}/tables/{self.unique}.safetensors"

    @cached_property
    def blobs(self) -> dict[str, bytes]:
        """What a version cannot be without, by its key."""
        blobs = {self.checkpoint_key: self.checkpoint.to_bytes() if self.upload is None else self.upload.file}
        if self.table is not None and self.table_key is not None:
            blobs[self.table_key] = self.table
        return blobs

    def write_to(self, store: Store) -> None:
        """Write the bytes to a store: all of them, or none. What was said of unseen rows may be lost in a power cut."""
        try:
            for key, data in self.blobs.items():
                store.create(key, data)
            if self.unseen is not None and self.unseen_key is not None:
                store.put(self.unseen_key, self.unseen, is_durable=False)
        except StoreError:
            self.remove_from(store)
            raise

    def complete_in(self, store: Store) -> None:
        """Write again what has been removed since it was written: its publisher was held up for so long, and is about to return."""
        for key, data in self.blobs.items():
            if store.look(key) is None:
                store.create(key, data)

    def remove_from(self, store: Store) -> None:
        """Remove the bytes from a store."""
        discard(store, filter(None, [*self.blobs, self.unseen_key]))

    def has_become(self, version: Version) -> bool:
        """Tell whether a version is what this, or the same request before, was published as. Raises `IdempotencyKeyReused`."""
        return version.checkpoint == self.checkpoint_key or bool(self.upload and self.upload.is_repeated_in(version))

    def change(self, state: ModelState) -> dict[str, Any] | None:
        """Return the record that publishes it; None: the same request has done so.

        Raises `UnknownModel`, `JobInterrupted`, `OtherColumns`, `ExistingVersion`, `IdempotencyKeyReused`.
        """
        if any(map(self.has_become, state.versions.values())):
            return None
        self.check_wanted(state)
        version = {"number": self._choose_number(state), **self._facts}
        published = {"change": "published", "version": version, **self.declare_in(state)}
        return published | ({"keeps_default": True} if self.upload and self.upload.keeps_default else {})

    def _choose_number(self, state: ModelState) -> int:
        wanted = self.upload and self.upload.number
        if wanted and wanted <= state.newest:
            raise ExistingVersion(
                f"model {self.name!r} cannot give a version the number {wanted}: it must be above those given before; the next is {state.newest + 1}"
            )
        return wanted or state.newest + 1

    def check_wanted(self, state: ModelState) -> None:
        """Raise `UnknownModel` or `JobInterrupted` if the model, or the job, is no longer there to be published for."""
        if self.deletions not in {None, state.deletions}:
            raise UnknownModel(f"model {self.name!r} was removed while the training waited or ran")
        if self.provenance.get("job_id") in state.ended_jobs:
            raise JobInterrupted("the job was ended before its training was done")
        if any(each.job_id == self.provenance.get("job_id") for each in state.versions.values() if each.job_id):
            raise JobInterrupted("the job has published a version already")

    def declare_in(self, state: ModelState) -> dict[str, Any]:
        """Return the member of the model's next record that declares the model, if that is not declared yet.

        Raises `OtherColumns` if it has been declared otherwise meanwhile.
        """
        if self.declaration is None:
            return {}
        if state.declaration is None:
            return {"declaration": self.declaration.to_dict()}
        is_same = state.declared.signature == self.declaration.signature
        if not is_same and not (self.upload and self.upload.takes_own_columns):
            raise OtherColumns(f"model {self.name!r} has been declared with other columns meanwhile")
        return {}

    @cached_property
    def _facts(self) -> dict[str, Any]:
        """The members of the version, but its number."""
        uploaded = {"upload_key": self.upload.key} if self.upload and self.upload.key else {}
        return {
            **uploaded,
            **self.provenance,
            "checkpoint": self.checkpoint_key,
            "sha256": sha256(self.blobs[self.checkpoint_key]),
            "table": self.table_key,
            "table_sha256": None if self.table is None else sha256(self.table),
            "unseen": self.unseen_key,
            "unseen_sha256": None if self.unseen is None else sha256(self.unseen),
        }
