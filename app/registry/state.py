"""What a model is now: the sum of the records in its log."""

import hashlib
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pydantic import TypeAdapter

from app.registry.declaration import Declaration
from app.store import check_key

log = logging.getLogger("scorecast.registry")


RECENT_RECORDS = 512
"""Records of which a state has the digests: more than there can be between two looks of one writer at its log."""

ENDED_JOBS = 1000
"""Jobs that were told to have failed of which a snapshot keeps the ids: the newest."""

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
    unseen: str | None = None
    """The key of what was said of rows that had not been seen; None: it was not kept."""
    unseen_sha256: str | None = None
    upload_key: str | None = None
    """Of one that was uploaded with an `Idempotency-Key`: the digests of that and of what was sent."""

    @property
    def keys(self) -> tuple[str, ...]:
        """All that it has in the store."""
        return tuple(filter(None, (self.checkpoint, self.table, self.unseen)))


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
    unread: frozenset[int] = frozenset()
    """Numbers up to that which no version is known to have: records that cannot be read may have given them out."""
    default_version: int | None = None
    deletions: int = 0
    """How often the model has been removed: a training for the one is none for the next of the same name."""
    ended_jobs: frozenset[str] = frozenset()
    """Jobs that were told to have failed before they published: they never will. Those of a removed model are left out."""
    uncounted: int = 0
    """Records that have not changed the model: jobs that ended."""
    digests: tuple[str, ...] = field(default=(), compare=False)
    """Of the last records, the newest last."""

    @property
    def tag(self) -> str:
        """What tells this state from every other of the model; all those in which there is none are `ABSENT`."""
        return ABSENT if self.declaration is None else str(self.sequence - self.uncounted)

    @property
    def declared(self) -> Declaration:
        """What the model is declared to be; only of a model that there is."""
        if self.declaration is None:
            raise ValueError(f"there is no model called {self.name!r}")
        return self.declaration

    def is_over(self, job_id: str) -> bool:
        """Whether a job has published a version, or never will."""
        return job_id in self.ended_jobs or any(version.job_id == job_id for version in self.versions.values())

    def after(self, data: bytes) -> "ModelState":
        """Return the state that one more record makes of this one; a damaged record only takes the number of a version."""
        record = None
        try:
            record = json.loads(data)
            changed = _CHANGES[record["change"]](self, record)
        except Exception:  # whatever has become of it
            log.exception("record %d of model %s is damaged: passing over it", self.sequence + 1, self.name)
            changed = _pass_over(self, record)
        digests = (*self.digests[1 - RECENT_RECORDS :], digest(data))
        return replace(changed, sequence=self.sequence + 1, digests=digests)

    def without_old_jobs(self) -> "ModelState":
        """Return the state without those ended jobs whose processes must have ended long ago."""
        return replace(self, ended_jobs=frozenset(sorted(self.ended_jobs)[-ENDED_JOBS:]))


def digest(record: bytes) -> str:
    """Return what tells a record from every other; each has an id of its own."""
    return hashlib.sha256(record).hexdigest()[:16]


_DECLARATIONS, _VERSIONS = TypeAdapter(Declaration), TypeAdapter(Version)


def _declared(state: ModelState, record: dict[str, Any]) -> ModelState:
    declaration = Declaration.from_dict(record["declaration"])
    _DECLARATIONS.validate_python(record["declaration"])  # for the types; what it makes has floats for integers
    return replace(state, declaration=declaration)


def _published(state: ModelState, record: dict[str, Any]) -> ModelState:
    version = _VERSIONS.validate_python(vars(Version(**record["version"])))
    for key in version.keys:
        check_key(key)
    if version.number <= state.newest and version.number not in state.unread:
        raise ValueError(f"version {version.number} has been given out before")
    versions = {**state.versions, version.number: version}
    if "declaration" in record:  # the first version of a model that a table has declared
        state = _declared(state, record)
    newest, unread = max(state.newest, version.number), state.unread - {version.number}
    is_default = not record.get("keeps_default") or state.default_version is None
    default = version.number if is_default else state.default_version
    return replace(state, versions=versions, newest=newest, unread=unread, default_version=default)


def _pass_over(state: ModelState, record: Any) -> ModelState:
    """Return the state after a record that cannot be read: if it may have been a version, its number is not free any more."""
    members = record if isinstance(record, dict) else {}
    if members.get("change", "published") != "published" and members["change"] in list(_CHANGES):
        return state
    version = members.get("version")
    number = version.get("number") if isinstance(version, dict) else None
    if not isinstance(number, int) or isinstance(number, bool) or number <= state.newest:
        number = state.newest + 1  # as whoever wrote it must have counted
    return replace(state, newest=number, unread=state.unread | {number})


def _default_moved(state: ModelState, record: dict[str, Any]) -> ModelState:
    return replace(state, default_version=state.versions[record["model_version"]].number)


def _version_removed(state: ModelState, record: dict[str, Any]) -> ModelState:
    versions = {number: version for number, version in state.versions.items() if number != record["model_version"]}
    default = state.default_version if state.default_version in versions else max(versions, default=None)
    return replace(state, versions=versions, default_version=default)


def _deleted(state: ModelState, _: dict[str, Any]) -> ModelState:
    return replace(
        state,
        declaration=None,
        versions={},
        default_version=None,
        deletions=state.deletions + 1,
        ended_jobs=frozenset(),
    )


def _job_ended(state: ModelState, record: dict[str, Any]) -> ModelState:
    ended_jobs = state.ended_jobs | {str(record["job_id"])}
    return replace(state, ended_jobs=ended_jobs, uncounted=state.uncounted + len(ended_jobs) - len(state.ended_jobs))


_CHANGES = {
    "declared": _declared,
    "published": _published,
    "default-moved": _default_moved,
    "version-removed": _version_removed,
    "deleted": _deleted,
    "job-ended": _job_ended,
}
