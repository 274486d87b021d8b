"""The registry knows models by name and their trained versions by number, over a store of bytes.

Each model has a log: records numbered 1, 2, 3, ... that say what changed - declared, a version published,
the default moved. A record is made by create-if-absent under the next number and never changed, so two
who change a model at once cannot undo each other, and what a model is now is what its log adds up to.
Whether somebody else has changed it is one look: is there a next record?

A published version is its checkpoint, written first under a name of its own, and then the record that
makes it known. Cut off between the two, it was never there.
"""

import hashlib
import json
import uuid
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from app.checkpoint_cache import CheckpointCache, DamagedCheckpoint
from app.declarations import NAME, Declaration
from app.model_state import ModelState, Version
from app.store import MissingKey, Store, StoreError
from model.checkpoint import Checkpoint
from model.errors import SignatureError


class UnknownModel(Exception):
    """There is no model of this name."""


class UnknownVersion(Exception):
    """The model has no version of this number."""


class UntrainedModel(Exception):
    """The model has no version yet."""


class VersionInUse(Exception):
    """The version is the model's default, and so cannot be removed."""


class ChangedMeanwhile(Exception):
    """The model is no longer what the change was meant for."""


class Registry:
    """Named models and their versions. Threads and processes may share a store; each process has its own registry."""

    def __init__(self, store: Store, built_in: Mapping[str, Declaration]) -> None:
        self._store = store
        self._states = {name: ModelState(name, declaration) for name, declaration in built_in.items()}
        self._checkpoints = CheckpointCache(store)

    def names(self) -> list[str]:
        """Return the names of all models, sorted."""
        known = {*self._states, *filter(NAME.fullmatch, self._store.keys("models"))}
        return sorted(name for name in known if self._state(name).declaration is not None)

    def model(self, name: str) -> ModelState:
        """Return what a model is at this moment. Raises `UnknownModel`."""
        state = self._state(name)
        if state.declaration is None:
            raise UnknownModel(f"there is no model called {name!r}")
        return state

    def declaration(self, name: str) -> Declaration:
        """Return what a model is declared to be. Raises `UnknownModel`."""
        declaration = self.model(name).declaration
        assert declaration is not None  # noqa: S101 - for the type checker: `model` has seen to it
        return declaration

    def version(self, name: str, number: int) -> Version:
        """Return what is known of a version. Raises `UnknownModel`, `UnknownVersion`."""
        return _version(self.model(name), number)

    def published_by(self, name: str, job_id: str) -> int | None:
        """Return the number of the version that a job has published, if it has."""
        return next((number for number, made in self._state(name).versions.items() if made.job_id == job_id), None)

    def load_all(self) -> None:
        """Load what serves each model. Raises `DamagedCheckpoint` where nothing that was published can be used."""
        for name in self.names():
            if self.model(name).default_version is not None:
                self.serving(name)

    def serving(self, name: str) -> tuple[int, Checkpoint]:
        """Return the default version's number and checkpoint.

        A version whose checkpoint is damaged is passed over for the one before it. Raises `UnknownModel`,
        `UntrainedModel`, or `DamagedCheckpoint` where none can be used.
        """
        state = self.model(name)
        if state.default_version is None:
            raise UntrainedModel(f"model {name!r} has not been trained yet")
        default = state.versions[state.default_version]
        try:
            return default.number, self._checkpoints.get(default)
        except DamagedCheckpoint as damaged:
            for number in sorted((number for number in state.versions if number < default.number), reverse=True):
                with suppress(DamagedCheckpoint):
                    return number, self._checkpoints.get(state.versions[number])
            raise damaged

    def checkpoint(self, name: str, number: int) -> Checkpoint:
        """Return a version's checkpoint. Raises `UnknownModel`, `UnknownVersion`, `DamagedCheckpoint`."""
        return self._checkpoints.get(self.version(name, number))

    def declare(self, name: str, declaration: Declaration, expected: int | None = None) -> ModelState:
        """Make, or change, what a model is declared to be.

        `expected` is the sequence number that the model must have (None: any). Raises `ChangedMeanwhile`,
        and `SignatureError` for a name that no model can have.
        """
        if not NAME.fullmatch(name):
            raise SignatureError(f"{name!r} is no name for a model: use a-z, 0-9 and -, at most 63 characters")
        record = {"change": "declared", "declaration": declaration.to_dict()}
        return self._change(name, lambda _: record, expected)

    def delete(self, name: str, expected: int | None = None) -> None:
        """Remove a model with all its versions. Raises `UnknownModel`, `ChangedMeanwhile`."""
        versions = self.model(name).versions.values()
        self._change(name, lambda _: {"change": "deleted"}, expected)
        for version in versions:
            self._store.delete(version.checkpoint)

    def move_default(self, name: str, number: int, expected: int | None = None) -> ModelState:
        """Have another version answer. Raises `UnknownModel`, `UnknownVersion`, `ChangedMeanwhile`."""

        def record(state: ModelState) -> dict[str, Any]:
            return {"change": "default-moved", "model_version": _version(state, number).number}

        return self._change(name, record, expected)

    def remove_version(self, name: str, number: int, expected: int | None = None) -> None:
        """Remove a version. Raises `UnknownModel`, `UnknownVersion`, `VersionInUse`, `ChangedMeanwhile`."""
        version = self.version(name, number)

        def record(state: ModelState) -> dict[str, Any]:
            if state.default_version == number:
                raise VersionInUse(f"version {number} of model {name!r} is its default: move the default first")
            return {"change": "version-removed", "model_version": _version(state, number).number}

        self._change(name, record, expected)
        self._store.delete(version.checkpoint)

    def publish(self, name: str, checkpoint: Checkpoint, made: Mapping[str, Any]) -> Version:
        """Make a checkpoint the model's next version and its default.

        `made` tells how it came about: created, job_id, duration_seconds, report. When this returns, the
        version is safely in the store and known to everybody who asks. Raises `UnknownModel`.
        """
        data = checkpoint.to_bytes()
        key = f"models/{name}/checkpoints/{uuid.uuid4().hex}.safetensors"
        facts = {"checkpoint": key, "sha256": hashlib.sha256(data).hexdigest(), **made}

        def record(state: ModelState) -> dict[str, Any]:
            return {"change": "published", "version": {"number": state.newest + 1, **facts}}

        self._store.create(key, data)
        try:
            state = self._change(name, record)
        except BaseException:
            self._store.delete(key)
            raise
        return next(version for version in state.versions.values() if version.checkpoint == key)

    def _change(
        self, name: str, record: Callable[[ModelState], dict[str, Any]], expected: int | None = None
    ) -> ModelState:
        """Add to a model's log the record that its present state calls for, until nobody else is first."""
        while True:
            state = self._read(name)
            if expected is not None and state.sequence != expected:
                raise ChangedMeanwhile(f"model {name!r} has been changed meanwhile: read it again")
            made = record(state)
            if state.declaration is None and made["change"] != "declared":
                raise UnknownModel(f"there is no model called {name!r}")
            data = json.dumps(made).encode()
            if self._store.create(_record_key(name, state.sequence + 1), data):
                return state.after(data)

    def _state(self, name: str) -> ModelState:
        """Return what a model is; while the store cannot be read, what is known of it goes on serving."""
        try:
            return self._read(name)
        except StoreError:
            if name in self._states:
                return self._states[name]
            raise

    def _read(self, name: str) -> ModelState:
        """Return the sum of a model's log, reading what has been added since it was last asked for."""
        state = self._states.get(name)
        if state is None:
            if not NAME.fullmatch(name):
                raise UnknownModel(f"there is no model called {name!r}")
            state = ModelState(name)
        while True:
            try:
                data = self._store.get(_record_key(name, state.sequence + 1))
            except MissingKey:
                return state
            state = self._states[name] = state.after(data)


def _version(state: ModelState, number: int) -> Version:
    try:
        return state.versions[number]
    except KeyError:
        raise UnknownVersion(f"model {state.name!r} has no version {number}") from None


def _record_key(name: str, number: int) -> str:
    return f"models/{name}/records/{number:08d}.json"
