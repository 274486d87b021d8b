"""The registry knows models by name and their trained versions by number, over a store of bytes.

A published version is its checkpoint, written first under a name of its own, and then the record in the
model's log that makes it known. Cut off between the two, it was never there.
"""

from collections.abc import Container, Mapping
from contextlib import suppress
from typing import Any

from app.errors import (
    CannotExtend,
    Conflict,
    DamagedCheckpoint,
    IdempotencyKeyReused,
    JobInterrupted,
    StoreError,
    UnknownModel,
    UnknownVersion,
    UntrainedModel,
    VersionInUse,
)
from app.registry import changes
from app.registry.changes import find_version
from app.registry.checkpoint_cache import CheckpointCache, load_all
from app.registry.declaration import Declaration, check_name
from app.registry.log import ModelLog
from app.registry.new_version import NewVersion
from app.registry.published import discard, read_file
from app.registry.snapshots import DamagedSnapshot
from app.registry.state import ModelState, Version
from app.registry.tidying import tidy
from app.store import Store
from model.checkpoint import Checkpoint


class Registry:
    """Named models and their versions. Threads and processes may share a store; each process has its own registry."""

    def __init__(self, store: Store, built_in: Mapping[str, Declaration]) -> None:
        self._store = store
        self._log = ModelLog(store, built_in)
        self._checkpoints = CheckpointCache(store)

    def names(self) -> list[str]:
        """Return the names of all models of which it is known what they are, sorted."""
        return sorted(filter(self._is_there, self._log.names()))

    def model(self, name: str) -> ModelState:
        """Return what a model is at this moment. Raises `UnknownModel`."""
        if (state := self._log.state(name)).declaration is None:
            raise UnknownModel(f"there is no model called {name!r}")
        return state

    def declaration(self, name: str) -> Declaration:
        """Return what a model is declared to be. Raises `UnknownModel`."""
        return self.model(name).declared

    def state(self, name: str) -> ModelState:
        """Return the state of a name, whether or not there is a model of it. Raises `UnknownModel` for no valid name."""
        return self._log.state(name)

    def version(self, name: str, number: int) -> Version:
        """Return what is known of a version. Raises `UnknownModel`, `UnknownVersion`."""
        return find_version(self.model(name), number)

    def published_by(self, name: str, job_id: str) -> int | None:
        """Return the number of the version that a job has published, if it has."""
        return next((number for number, made in self._log.state(name).versions.items() if made.job_id == job_id), None)

    def end_job(self, name: str, job_id: str) -> int | None:
        """Have a job publish nothing from now on; return the number of the version that it has published, if it has."""
        self._log.end_job(name, job_id)
        return self.published_by(name, job_id)

    def load_all(self) -> dict[str, str]:
        """Load what serves each model; return why models cannot answer, by their names.

        Raises `DamagedCheckpoint` where models were trained and none of them can answer.
        """
        return load_all(self._log.names(), self.serving)

    def tidy(self) -> int:
        """Fold long logs, and remove what killed processes have left; return how many files. Raises `StoreError`."""
        return tidy(self._store, self._log)

    def serving(self, name: str) -> tuple[int, Checkpoint[Any]]:
        """Return the default version's number and checkpoint; of a damaged one that of the version before it.

        Raises `UnknownModel`, `UntrainedModel`, or `DamagedCheckpoint` where none can be used.
        """
        while True:
            state = self.model(name)
            if state.default_version is None:
                raise UntrainedModel(f"model {name!r} has not been trained yet", name)
            default = state.versions[state.default_version]
            try:
                return default.number, self._checkpoints.get(default)
            except DamagedCheckpoint as damaged:
                if self.model(name).tag == state.tag:  # so it has not been removed since
                    return self._checkpoints.get_older(state, damaged)

    def is_in_memory(self, name: str, number: int | None = None) -> bool:
        """Return whether nothing has to be read to answer with a version, or the default one. Raises `UnknownModel`."""
        state = self.model(name)
        version = state.versions.get(number or state.default_version or 0)
        return version is None or self._checkpoints.has(version)

    def checkpoint(self, name: str, number: int) -> Checkpoint[Any]:
        """Return a version's checkpoint. Raises `UnknownModel`, `UnknownVersion`, `DamagedCheckpoint`."""
        try:
            return self._checkpoints.get(self.version(name, number))
        except DamagedCheckpoint:
            self.version(name, number)  # it may have been removed since
            raise

    def declare(self, name: str, declaration: Declaration, expected: Container[str] | None = None) -> ModelState:
        """Make, or change, what a model is declared to be.

        `expected` are the tags of which the model must have one (None: any). Raises `ChangedMeanwhile`, and
        `SignatureError` for a name that no model can have.
        """
        check_name(name)
        return self._log.change(name, changes.declare(declaration), expected)

    def delete(self, name: str, expected: Container[str] | None = None) -> None:
        """Remove a model with all its versions, and what they take in the store. Raises `UnknownModel`, `ChangedMeanwhile`."""
        removed: dict[int, Version] = {}

        def record(state: ModelState) -> dict[str, Any]:
            removed.clear()
            removed.update(state.versions)
            return {"change": "deleted"}

        state = self._log.change(name, record, expected)
        with suppress(StoreError):  # it is removed; what is left of it then goes at a later start
            for version in removed.values():
                discard(self._store, version.keys)
            self._log.fold(state, kept=1)
        self._store.keep_reserve()

    def move_default(self, name: str, number: int, expected: Container[str] | None = None) -> ModelState:
        """Have another version answer. Raises `UnknownModel`, `UnknownVersion`, `ChangedMeanwhile`."""
        return self._log.change(name, changes.move_default(number), expected)

    def remove_version(self, name: str, number: int, expected: Container[str] | None = None) -> None:
        """Remove a version. Raises `UnknownModel`, `UnknownVersion`, `VersionInUse`, `ChangedMeanwhile`."""
        version = self.version(name, number)
        self._log.change(name, changes.remove_version(number), expected)
        discard(self._store, version.keys)
        self._store.keep_reserve()

    def publish(self, new_version: NewVersion, expected: Container[str] | None = None) -> Version:
        """Make a checkpoint the model's next version and its default.

        When this returns, the version is safely in the store and visible to every request. One that the same request has
        published before is returned again. Raises `UnknownModel`, `JobInterrupted`, and a `Conflict` or `IdempotencyKeyReused`.
        """
        earlier = next(filter(new_version.has_become, self._log.state(new_version.name).versions.values()), None)
        if earlier is not None:
            return earlier
        new_version.write_to(self._store)
        try:
            state = self._log.change(new_version.name, new_version.change, expected)
        except (UnknownModel, Conflict, JobInterrupted, IdempotencyKeyReused):
            new_version.remove_from(self._store)  # of other failures it is unknown whether the record is there
            raise
        made = next(filter(new_version.has_become, state.versions.values()))
        is_ours = made.checkpoint == new_version.checkpoint_key  # or the same request was faster
        (new_version.complete_in if is_ours else new_version.remove_from)(self._store)
        return made

    def table(self, name: str, number: int) -> bytes:
        """Return the CSV that a version was trained with. Raises `CannotExtend`, and what `file` raises."""
        if self.version(name, number).table is None:
            raise CannotExtend(f"version {number} of model {name!r} was published without its table")
        return self.file(name, number, "table")

    def file(self, name: str, number: int, kind: str = "checkpoint") -> bytes:
        """Return what was published of a version. Raises `UnknownModel`, `UnknownVersion`, `DamagedCheckpoint`."""
        data = read_file(self._store, self.version(name, number), kind)
        if data is None:
            self.version(name, number)  # it may have been removed since
            raise DamagedCheckpoint(f"the {kind} of version {number} of model {name!r} is damaged")
        return data

    def unseen(self, name: str, number: int) -> bytes | None:
        """Return what was said of unseen rows; None: it was not kept, or is damaged. Raises `UnknownModel`, `UnknownVersion`."""
        return read_file(self._store, self.version(name, number), "unseen")

    def keep_newest(self, name: str, count: int) -> None:
        """Remove all versions but the newest ones, and the default."""
        for number in sorted(self.model(name).versions)[:-count]:
            with suppress(VersionInUse, UnknownVersion):
                self.remove_version(name, number)

    def _is_there(self, name: str) -> bool:
        with suppress(DamagedSnapshot):
            return self._log.state(name).declaration is not None
        return False
