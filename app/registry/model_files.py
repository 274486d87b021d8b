"""All that a model is at one moment, as files: what its log adds up to, and what its versions name."""

from collections.abc import Mapping
from dataclasses import dataclass

from app.registry.declaration import BUILT_IN
from app.registry.log import KEPT, ModelLog
from app.registry.log_records import LogRecords, record_key
from app.registry.snapshots import COPIES, encode_state, snapshot_key
from app.registry.state import ModelState, Version, digest
from app.store import Store

_ATTEMPTS = 3
"""To find a model's last record beside what the log adds up to: it may just be folded."""


@dataclass(frozen=True)
class ModelPoint:
    """A model at one moment."""

    state: ModelState
    log: Mapping[str, bytes]
    """A snapshot, its copy and the last record: what the log needs to go on from there, by their keys."""

    @property
    def named(self) -> dict[str, str | None]:
        """The keys of all that its versions name, the newest first, each with its SHA-256, if that is known."""
        newest = [self.state.versions[number] for number in sorted(self.state.versions, reverse=True)]
        return {key: sha256 for version in newest for key, sha256 in files_of(version).items()}


class ModelFiles:
    """The files of all models in a store, which others may go on changing."""

    def __init__(self, store: Store) -> None:
        self._log, self._records = ModelLog(store, BUILT_IN), LogRecords(store)

    def names(self) -> list[str]:
        """Return the names of all models that there are or have been, sorted."""
        return sorted(self._log.names())

    def read(self, name: str) -> ModelPoint | None:
        """Return a model as it is now; None: nothing has been done with it. Raises `StoreError`, `DamagedSnapshot`."""
        for attempt in range(_ATTEMPTS):
            state = self._log.read(name).without_old_jobs()
            if not state.sequence:
                return None
            key = record_key(name, state.sequence)
            record = self._records.find(key)
            is_there = record is not None and state.digests[-1:] == (digest(record),)
            if is_there or attempt == _ATTEMPTS - 1:  # a log goes on without it, too
                break
        data = encode_state(state, BUILT_IN.get(name))
        log = {snapshot_key(state, data, copy): data for copy in COPIES}
        return ModelPoint(state, log | ({key: record} if is_there and record is not None else {}))

    def fold(self, name: str) -> None:
        """Write a snapshot of a model, and its copy. Raises `StoreError`, `DamagedSnapshot`."""
        self._log.fold(self._log.read(name), KEPT)


def files_of(version: Version) -> dict[str, str | None]:
    """Return the keys of all that a version has in the store, each with its SHA-256, if that is known."""
    files = {
        version.checkpoint: version.sha256,
        version.table: version.table_sha256,
        version.unseen: version.unseen_sha256,
    }
    return {key: sha256 for key, sha256 in files.items() if key is not None}
