"""The check of one model: its log, its snapshots, and all that its versions name."""

import hashlib
import json
from collections.abc import Iterator

from app.registry import DamagedSnapshot, ModelFiles, ModelState, Version, files_of
from app.store import MissingKey, Store
from app.upkeep.findings import Finding
from model.checkpoint import Checkpoint
from model.errors import CheckpointError


def check_model(store: Store, files: ModelFiles, name: str) -> tuple[ModelState | None, list[Finding]]:
    """Return what a model is, None if that cannot be read; and what is wrong with it."""
    findings = list(_check_log(store, name))
    try:
        point = files.read(name)
    except DamagedSnapshot as error:
        return None, [*findings, Finding("damaged", f"models/{name}/snapshots", str(error), name)]
    if point is None:  # nothing has been done with it, as where its first training was killed
        return ModelState(name), findings
    state = point.state
    if state.unread:
        numbers = ", ".join(map(str, sorted(state.unread)))
        reason = f"records that may belong to versions {numbers} cannot be read"
        findings.append(Finding("damaged", f"models/{name}/records", reason, name))
    checked = [each for version in state.versions.values() for each in _check_version(store, name, version)]
    if checked:  # what is removed while it is read is not damaged
        after = files.read(name)
        there = {} if after is None else after.state.versions
        checked = [each for each in checked if each.model_version in there]
    return state, [*findings, *checked]


def _check_log(store: Store, name: str) -> Iterator[Finding]:
    """Yield the snapshots and records that are not what was written."""
    for file in store.keys(f"models/{name}/snapshots"):
        key = f"models/{name}/snapshots/{file}"
        data = _read(store, key)
        if data is not None and f"-{hashlib.sha256(data).hexdigest()}-" not in file:
            yield Finding("damaged", key, "not the bytes of the snapshot that was written", name)
    for file in store.keys(f"models/{name}/records"):
        key = f"models/{name}/records/{file}"
        data = _read(store, key)
        if data is not None and not _is_record(data):
            yield Finding("damaged", key, "not a valid record: the log passes over it", name)


def _check_version(store: Store, name: str, version: Version) -> Iterator[Finding]:
    for key, sha256 in files_of(version).items():
        data = _read(store, key)
        if (problem := _find_problem(version, key, data, sha256)) is not None:
            yield Finding("damaged", key, f"of version {version.number}: {problem}", name, version.number)


def _find_problem(version: Version, key: str, data: bytes | None, sha256: str | None) -> str | None:
    if data is None:  # what was said of unseen rows is not waited for, so a power cut may take it
        return None if key == version.unseen else "it is not there"
    if sha256 is not None and hashlib.sha256(data).hexdigest() != sha256:
        return "these are not the bytes that were published"
    if key == version.checkpoint:
        try:
            Checkpoint.from_bytes(data)
        except CheckpointError as error:
            return str(error)
    return None


def _read(store: Store, key: str) -> bytes | None:
    try:
        return store.get(key)
    except (MissingKey, ValueError):  # or no name of a key: that is told as unknown
        return None


def _is_record(data: bytes) -> bool:
    try:
        return isinstance(json.loads(data)["change"], str)
    except (ValueError, KeyError, TypeError):
        return False
