"""Snapshots of models: what a log has added up to at one record, so that those before it need not be kept.

A snapshot's name has the number of the record and the SHA-256 of its bytes, and each is written twice: records are
removed for it, so it must be readable. It is never changed; a later one takes its place.
"""

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from app.errors import StoreError
from app.registry.declaration import Declaration
from app.registry.state import ModelState, Version
from app.store import MissingKey, Store, list_names, pass_over

FORMAT = 1

COPIES = ("a", "b")

_FILE = re.compile("([0-9]{8,})-([0-9a-f]{64})-[ab][.]json")


class DamagedSnapshot(StoreError):
    """What a model is cannot be read any more."""


class Snapshots:
    """The snapshots of all models in a store."""

    def __init__(self, store: Store, built_in: Mapping[str, Declaration]) -> None:
        self._store = store
        self._built_in = built_in

    def newest(self, name: str) -> int:
        """Return the number of the record that the newest snapshot of a model is of; 0: there is none."""
        return max(map(_number, self._files(name)), default=0)

    def measure(self, name: str) -> tuple[int, int]:
        """Return the number of the record that the newest snapshot is of, and its bytes without its copy; 0: there is none."""
        files = self._files(name)
        if not files:
            return 0, 0
        stamp = self._store.look(f"{_folder(name)}/{files[-1]}")
        return _number(files[-1]), stamp[3] if stamp else 0

    def read(self, name: str) -> ModelState | None:
        """Return what the newest snapshot says; None: there is none. Raises `DamagedSnapshot` if no copy can be read."""
        while files := self._files(name):
            newest = [file for file in files if _number(file) == _number(files[-1])]
            try:
                for file in newest:
                    if (state := self._read(name, file)) is not None:
                        return state
            except MissingKey:  # a later one has taken its place
                continue
            raise DamagedSnapshot(
                f"the snapshot of model {name!r} is damaged, and so is its copy: restore one from a backup"
            )
        return None

    def write(self, state: ModelState) -> None:
        """Write a snapshot; those before it are removed by `remove_before`. Raises `StoreError`."""
        data = encode_state(state, self._built_in.get(state.name))
        if _decode(data, self._built_in.get(state.name)) != state:  # before any record is removed for it
            raise StoreError(f"a snapshot of model {state.name!r} does not say what the model is")
        for copy in COPIES:
            self._store.create(snapshot_key(state, data, copy), data, is_freeing=state.declaration is None)

    def remove_before(self, state: ModelState) -> None:
        """Remove the snapshots of earlier records."""
        for file in self._files(state.name):
            if _number(file) < state.sequence:
                self._store.delete(f"{_folder(state.name)}/{file}")

    def _files(self, name: str) -> list[str]:
        return sorted(list_names(self._store, _folder(name), _FILE), key=_number)

    def _read(self, name: str, file: str) -> ModelState | None:
        """Return what a snapshot says, None if it is damaged. Raises `MissingKey`."""
        data = self._store.get(f"{_folder(name)}/{file}")
        if f"-{hashlib.sha256(data).hexdigest()}-" not in file:
            pass_over(f"{_folder(name)}/{file}", "it is damaged")
            return None
        return _decode(data, self._built_in.get(name))


def snapshot_key(state: ModelState, data: bytes, copy: str) -> str:
    """Return the key of a copy of a snapshot."""
    return f"{_folder(state.name)}/{state.sequence:08d}-{hashlib.sha256(data).hexdigest()}-{copy}.json"


def _folder(name: str) -> str:
    return f"models/{name}/snapshots"


def _number(file: str) -> int:
    return int(file.partition("-")[0])


def encode_state(state: ModelState, built_in: Declaration | None) -> bytes:
    """Return a state as JSON; a declaration that is built in stays that of the code."""
    is_built_in = built_in is not None and state.declaration is built_in
    facts = vars(state) | {
        "format": FORMAT,
        "is_built_in": is_built_in,
        "declaration": None if state.declaration is None or is_built_in else state.declaration.to_dict(),
        "versions": [vars(version) for version in state.versions.values()],
        "unread": sorted(state.unread),
        "ended_jobs": sorted(state.ended_jobs),
    }
    return json.dumps(facts).encode()


def _decode(data: bytes, built_in: Declaration | None) -> ModelState:
    """Return the state that was encoded. Raises `StoreError` if that was done by a newer version of Scorecast."""
    facts: dict[str, Any] = json.loads(data)
    if facts.pop("format") > FORMAT:
        raise StoreError(f"a newer version of Scorecast wrote the snapshot of model {facts['name']!r}")
    declared = facts["declaration"]
    declaration = built_in if facts.pop("is_built_in") else declared and Declaration.from_dict(declared)
    versions = [Version(**version) for version in facts["versions"]]
    return ModelState(
        **facts
        | {
            "declaration": declaration,
            "versions": {version.number: version for version in versions},
            "unread": frozenset(facts["unread"]),
            "ended_jobs": frozenset(facts["ended_jobs"]),
            "digests": tuple(facts["digests"]),
        }
    )
