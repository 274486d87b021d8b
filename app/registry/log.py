"""A model's log: records numbered 1, 2, 3, ... that say what changed.

A record is made by create-if-absent under the next number and never changed, so two who change a model
at once cannot undo each other, and what a model is now is what its log adds up to. Whether another
process has changed it takes two looks: is there a next record, and is the last one still there?

Now and then the log is folded: a snapshot takes the place of all records but the newest ones, which are removed in
ascending order. So as long as the record that a reader knows is there, nothing after it has been removed. Where it is
gone, the reader goes on from the snapshot; and a writer's record stands in a gap, where it does not count, unless the
snapshot has its digest. A record is known by its stamp, as its name may be used again in a gap.
"""

import json
import secrets
from collections import Counter
from collections.abc import Callable, Container, Mapping
from contextlib import suppress

from app.errors import ChangedMeanwhile, StoreError, UnknownModel
from app.registry.changes import Record
from app.registry.declaration import NAME, Declaration
from app.registry.log_records import LogRecords, record_key
from app.registry.snapshots import Snapshots
from app.registry.state import ModelState, digest
from app.store import Stamp, Store, list_names

FOLD_AFTER = 200
"""Records since the last snapshot after which there is a new one."""
FOLD_AFTER_BYTES = 4 << 20
"""Bytes of records after which there is a new one, too, if they are `FOLD_AFTER_SNAPSHOTS` times those of the last one."""
FOLD_AFTER_SNAPSHOTS = 2
KEPT = 64
"""Records that are kept before a snapshot, so that most readers find the next one."""

FREEING = frozenset({"deleted", "version-removed"})
"""Changes that make room: on a full disk the store's reserve is for them."""


class ModelLog:
    """The logs of all models in a store, with what they have added up to so far."""

    def __init__(self, store: Store, built_in: Mapping[str, Declaration]) -> None:
        self._store = store
        self._records, self._snapshots = LogRecords(store), Snapshots(store, built_in)
        self._known: dict[str, tuple[ModelState, Stamp | None]] = {
            name: (ModelState(name, declaration), None) for name, declaration in built_in.items()
        }
        """States, each with the stamp of its last record; None: there is none, or it is not known to be there."""
        self._folded: dict[str, int] = {}
        """The number of each model's last snapshot that is known."""
        self._read_bytes: Counter[str] = Counter()
        """Of each model's records since then, about: several threads may have read the same ones."""

    def names(self) -> set[str]:
        """Return the names of all models that there are or have been."""
        return {*self._known, *list_names(self._store, "models", NAME)}

    def state(self, name: str) -> ModelState:
        """Return what a model is; where the store cannot be read, what has been read of it goes on serving."""
        try:
            return self.read(name)
        except StoreError:
            known, _ = self._known.get(name, (None, None))
            if known is None or not known.sequence:  # no record has been read: what it is now is unknown
                raise
            return known

    def change(
        self, name: str, record: Callable[[ModelState], Record | None], expected: Container[str] | None = None
    ) -> ModelState:
        """Add the record that the model's present state calls for, again if another writer was first; None: none is.

        `expected` are the tags of which the state must have one (None: any). Raises `ChangedMeanwhile`,
        `UnknownModel`, and what `record` raises.
        """
        while True:
            state = self.read(name)
            if expected is not None and state.tag not in expected:
                raise ChangedMeanwhile(f"model {name!r} has been changed meanwhile: read it again")
            made = record(state)
            if state.declaration is None and "declaration" not in (made or {}):
                raise UnknownModel(f"there is no model called {name!r}")
            if made is None:
                return state
            if (changed := self._append(state, made)) is not None:
                with suppress(StoreError):  # the change is made
                    self.fold_if_long(changed)
                return changed

    def end_job(self, name: str, job_id: str) -> None:
        """Have a job publish nothing from now on, unless it has published already.

        A version and this are records under the same next number: whichever comes first, the other one sees it.
        """
        while not (state := self.read(name)).is_over(job_id):
            self._append(state, {"change": "job-ended", "job_id": job_id})

    def fold_if_long(self, state: ModelState) -> None:
        """Fold a model's log if there are many records, or bytes, since the last snapshot. Raises `StoreError`."""
        name, known = state.name, self._folded.get(state.name, 0)
        if state.sequence - known > FOLD_AFTER or self._read_bytes[name] > FOLD_AFTER_BYTES:
            folded, snapshot_bytes = self._snapshots.measure(name)
            self._folded[name] = folded
            self._read_bytes[name] = self._records.count_bytes(name, after=folded)
            most_bytes = max(FOLD_AFTER_BYTES, FOLD_AFTER_SNAPSHOTS * snapshot_bytes)
            if state.sequence - folded > FOLD_AFTER or self._read_bytes[name] > most_bytes:
                self.fold(state, KEPT)

    def fold(self, state: ModelState, kept: int) -> None:
        """Write a snapshot of a state, and remove what it makes superfluous; `kept` records stay. Raises `StoreError`."""
        state = state.without_old_jobs()
        self._snapshots.write(state)
        self._folded[state.name], self._read_bytes[state.name] = state.sequence, 0
        self._records.remove_old(state.name, state.sequence, kept)
        self._snapshots.remove_before(state)

    def read(self, name: str) -> ModelState:
        """Return the sum of a model's log, reading what has been added since it was last asked for. Raises `StoreError`."""
        known = self._known.get(name)
        if known is None:
            if not NAME.fullmatch(name):
                raise UnknownModel(f"there is no model called {name!r}")
            known = ModelState(name), None
        state, stamp = known
        look = self._store.look
        if (
            stamp is None
            or look(record_key(name, state.sequence + 1))
            or look(record_key(name, state.sequence)) != stamp
        ):
            return self._catch_up(state, stamp)
        return state

    def _catch_up(self, state: ModelState, stamp: Stamp | None) -> ModelState:
        """Return the sum of a model's log, from a state on, or from the newest snapshot."""
        while True:
            if stamp is None:
                state, stamp = self._resume(state)
            key = record_key(state.name, state.sequence + 1)
            next_stamp = self._store.look(key)
            data = self._records.find(key) if next_stamp else None
            if not self._is_there(state, stamp):
                stamp = None  # what has been found stands in a gap, or was removed
            elif data is None:
                self._known[state.name] = state, stamp
                return state
            else:
                self._read_bytes[state.name] += len(data)
                state, stamp = state.after(data), next_stamp

    def _resume(self, state: ModelState) -> tuple[ModelState, Stamp | None]:
        """Return a state from which the log can be read on, this one or a later one, and the stamp of its last record."""
        while True:
            if self._snapshots.newest(state.name) > state.sequence:
                state = self._snapshots.read(state.name) or state
            if not state.sequence:
                return state, None
            key = record_key(state.name, state.sequence)
            stamp, data = self._store.look(key), self._records.find(key)
            if data is not None and digest(data) == state.digests[-1]:
                return state, stamp
            if self._snapshots.newest(state.name) <= state.sequence:
                return state, None  # somebody has taken the record away: what is known serves on

    def _is_there(self, state: ModelState, stamp: Stamp | None) -> bool:
        """Whether a state's last record was not removed up to now, and so none after it."""
        if stamp is not None:
            return self._store.look(record_key(state.name, state.sequence)) == stamp
        return self._snapshots.newest(state.name) <= state.sequence

    def _append(self, state: ModelState, change: Record) -> ModelState | None:
        """Add a record to a state, and return the next one; None if another writer was first. Raises `StoreError`."""
        data = json.dumps({**change, "id": secrets.token_hex(8)}).encode()
        key = record_key(state.name, state.sequence + 1)
        if not self._store.create(key, data, is_freeing=change["change"] in FREEING):
            return None
        if self._counts(state, data):
            return self._remember(state.after(data), len(data))
        self._store.delete(key)
        return None

    def _remember(self, state: ModelState, record_bytes: int) -> ModelState:
        """Have a change count here also while the store cannot be read, unless a later one is known."""
        known, _ = self._known.get(state.name, (None, None))
        if known is None or known.sequence < state.sequence:
            self._known[state.name] = state, None
            self._read_bytes[state.name] += record_bytes
        return state

    def _counts(self, state: ModelState, data: bytes) -> bool:
        """Whether a record that was created after a state is one of the log, and does not stand in a gap."""
        known, stamp = self._known.get(state.name, (None, None))
        if known is state and stamp is not None and self._is_there(state, stamp):
            return True
        if self._snapshots.newest(state.name) <= state.sequence:
            return True
        snapshot = self._snapshots.read(state.name)
        return snapshot is None or digest(data) in snapshot.digests
