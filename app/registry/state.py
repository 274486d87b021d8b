"""What a model is now: the sum of the records in its log."""

import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from app.registry.declaration import Declaration

log = logging.getLogger("scorecast.registry")


ABSENT = ""
"""The tag of a model that there is not."""


class AnyExisting:
    """The tags of all states in which there is the model."""

    def __contains__(self, tag: object) -> bool:
        return tag != ABSENT


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
    table: str | None = None
    """The key of the table that it was trained with; None: it was not kept."""
    table_sha256: str | None = None


@dataclass(frozen=True)
class ModelState:
    """A model at one moment. Each record of its log makes the next state of it."""

    name: str
    declaration: Declaration | None = None
    """None: there is no such model, not yet or no longer."""
    sequence: int = 0
    """The number of the last record."""
    versions: Mapping[int, Version] = field(default_factory=dict)
    newest: int = 0
    """The highest version number given out so far; numbers are never given out again."""
    default_version: int | None = None
    deletions: int = 0
    """How often the model has been removed: a training for the one is none for the next of the same name."""

    @property
    def tag(self) -> str:
        """What tells this state from every other of the model; all those in which there is none are `ABSENT`."""
        return ABSENT if self.declaration is None else str(self.sequence)

    @property
    def declared(self) -> Declaration:
        """What the model is declared to be; only of a model that there is."""
        if self.declaration is None:
            raise ValueError(f"there is no model called {self.name!r}")
        return self.declaration

    def after(self, data: bytes) -> "ModelState":
        """Return the state that one more record makes of this one; a damaged record changes nothing."""
        try:
            record = json.loads(data)
            changed = _CHANGES[record["change"]](self, record)
        except Exception:  # whatever has become of it
            log.exception("record %d of model %s is damaged: passing over it", self.sequence + 1, self.name)
            changed = self
        return replace(changed, sequence=self.sequence + 1)


def _declared(state: ModelState, record: dict[str, Any]) -> ModelState:
    return replace(state, declaration=Declaration.from_dict(record["declaration"]))


def _published(state: ModelState, record: dict[str, Any]) -> ModelState:
    version = Version(**record["version"])
    if version.number <= state.newest:
        raise ValueError(f"version {version.number} has been given out before")
    versions = {**state.versions, version.number: version}
    return replace(state, versions=versions, newest=version.number, default_version=version.number)


def _default_moved(state: ModelState, record: dict[str, Any]) -> ModelState:
    return replace(state, default_version=state.versions[record["model_version"]].number)


def _version_removed(state: ModelState, record: dict[str, Any]) -> ModelState:
    versions = {number: version for number, version in state.versions.items() if number != record["model_version"]}
    default = state.default_version if state.default_version in versions else max(versions, default=None)
    return replace(state, versions=versions, default_version=default)


def _deleted(state: ModelState, _: dict[str, Any]) -> ModelState:
    return replace(state, declaration=None, versions={}, default_version=None, deletions=state.deletions + 1)


_CHANGES = {
    "declared": _declared,
    "published": _published,
    "default-moved": _default_moved,
    "version-removed": _version_removed,
    "deleted": _deleted,
}
