"""The registry knows models by name and their trained versions by number, over a store of bytes.

Each model has a log: records numbered 1, 2, 3, ... that say what changed - a version was published, the
default was moved. A record is made by create-if-absent under the next number and never changed, so
two who change a model at once cannot undo each other, and what a model is now is what its log adds up
to. Whether somebody else has changed it is one look: is there a next record?

A published version is its checkpoint, written first under a name of its own, and then the record that
makes it known. Cut off between the two, it was never there.
"""

import hashlib
import json
import logging
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.store import MissingKey, Store
from model.checkpoint import Checkpoint
from model.errors import CheckpointError
from model.signature import Signature

log = logging.getLogger("scorecast.registry")

CACHED_CHECKPOINTS = 64


class UnknownModel(Exception):
    """There is no model of this name."""


class UnknownVersion(Exception):
    """The model has no version of this number."""


class UntrainedModel(Exception):
    """The model has no version yet."""


class DamagedCheckpoint(Exception):
    """The version's checkpoint cannot be used; the text says why."""


@dataclass(frozen=True)
class Version:
    """A published version: what is known of it without opening its checkpoint."""

    number: int
    checkpoint: str
    """The key of its checkpoint in the store."""
    sha256: str
    created: str
    """ISO 8601, UTC."""
    job_id: str | None
    duration_seconds: float
    report: dict[str, Any]


@dataclass(frozen=True)
class ModelState:
    """What a model is now: the sum of its log."""

    name: str
    signature: Signature
    sequence: int = 0
    """The number of the last record."""
    versions: Mapping[int, Version] = field(default_factory=dict)
    default_version: int | None = None

    @property
    def newest(self) -> int:
        """The highest version number given out so far; 0 before the first."""
        return max(self.versions, default=0)

    def after(self, data: bytes) -> "ModelState":
        """Return the state that one more record makes of this one; a damaged record changes nothing."""
        try:
            record = json.loads(data)
            changed = _CHANGES[record["change"]](self, record)
        except (ValueError, KeyError, TypeError):
            log.exception("record %d of model %s is damaged: passing over it", self.sequence + 1, self.name)
            changed = self
        return replace(changed, sequence=self.sequence + 1)


def _published(state: ModelState, record: dict[str, Any]) -> ModelState:
    version = Version(**record["version"])
    return replace(state, versions={**state.versions, version.number: version}, default_version=version.number)


_CHANGES = {"published": _published}


class Registry:
    """Named models and their versions. Threads and processes may share a store; each has its own registry."""

    def __init__(self, store: Store, built_in: Mapping[str, Signature]) -> None:
        self._store = store
        self._states = {name: ModelState(name, signature) for name, signature in built_in.items()}
        self._checkpoints: dict[tuple[str, int], Checkpoint] = {}
        self._damaged: dict[tuple[str, int], str] = {}

    def names(self) -> list[str]:
        """Return the names of all models, sorted."""
        return sorted(self._states)

    def model(self, name: str) -> ModelState:
        """Return what a model is at this moment. Raises `UnknownModel`."""
        try:
            state = self._states[name]
        except KeyError:
            raise UnknownModel(f"there is no model called {name!r}") from None
        while True:
            try:
                record = self._store.get(_record_key(name, state.sequence + 1))
            except MissingKey:
                return state
            state = self._states[name] = state.after(record)

    def version(self, name: str, number: int) -> Version:
        """Return what is known of a version. Raises `UnknownModel`, `UnknownVersion`."""
        try:
            return self.model(name).versions[number]
        except KeyError:
            raise UnknownVersion(f"model {name!r} has no version {number}") from None

    def published_by(self, name: str, job_id: str) -> int | None:
        """Return the number of the version that a job has published, if it has. Raises `UnknownModel`."""
        return next((number for number, made in self.model(name).versions.items() if made.job_id == job_id), None)

    def serving(self, name: str) -> tuple[int, Checkpoint]:
        """Return the default version's number and checkpoint.

        A version whose checkpoint is damaged is passed over for the one before it. Raises `UnknownModel`,
        `UntrainedModel`, or `DamagedCheckpoint` where none can be used.
        """
        state = self.model(name)
        if state.default_version is None:
            raise UntrainedModel(f"model {name!r} has not been trained yet")
        candidates = sorted((number for number in state.versions if number <= state.default_version), reverse=True)
        for number in candidates:
            if (name, number) not in self._damaged:
                try:
                    return number, self.checkpoint(name, number)
                except DamagedCheckpoint:
                    log.exception("passing over version %d of model %s", number, name)
        raise DamagedCheckpoint(self._damaged[name, candidates[0]])

    def load_all(self) -> None:
        """Load what serves each model. Raises `DamagedCheckpoint` where nothing that was published can be used."""
        for name in self.names():
            if self.model(name).default_version is not None:
                self.serving(name)

    def checkpoint(self, name: str, number: int) -> Checkpoint:
        """Return a version's checkpoint. Raises `UnknownModel`, `UnknownVersion`, `DamagedCheckpoint`."""
        if (name, number) not in self._checkpoints:
            version = self.version(name, number)
            try:
                checkpoint = self._load(version)
            except CheckpointError as error:
                self._damaged[name, number] = f"version {number} of model {name!r} cannot be used: {error}"
                raise DamagedCheckpoint(self._damaged[name, number]) from error
            while len(self._checkpoints) >= CACHED_CHECKPOINTS:
                self._checkpoints.pop(next(iter(self._checkpoints)), None)
            self._checkpoints[name, number] = checkpoint
        return self._checkpoints[name, number]

    def publish(self, name: str, checkpoint: Checkpoint, made: Mapping[str, Any]) -> Version:
        """Make a checkpoint the model's next version and its default.

        `made` tells how it came about: created, job_id, duration_seconds, report. When this returns, the
        version is safely in the store and known to everybody who asks.
        """
        data = checkpoint.to_bytes()
        key = f"models/{name}/checkpoints/{uuid.uuid4().hex}.safetensors"
        self._store.create(key, data)
        facts = {"checkpoint": key, "sha256": hashlib.sha256(data).hexdigest(), **made}
        while True:
            state = self.model(name)
            version = Version(number=state.newest + 1, **facts)
            if self._append(state, {"change": "published", "version": vars(version)}):
                return version

    def _append(self, state: ModelState, record: dict[str, Any]) -> bool:
        """Add a record after the state it was made for; False if somebody else was first."""
        return self._store.create(_record_key(state.name, state.sequence + 1), json.dumps(record).encode())

    def _load(self, version: Version) -> Checkpoint:
        try:
            data = self._store.get(version.checkpoint)
        except MissingKey:
            raise CheckpointError("its checkpoint is not in the store") from None
        if hashlib.sha256(data).hexdigest() != version.sha256:
            raise CheckpointError("its checkpoint is damaged: these are not the bytes that were published")
        return Checkpoint.from_bytes(data)


def _record_key(name: str, number: int) -> str:
    return f"models/{name}/records/{number:08d}.json"
