"""A backup of a store, while servers go on changing it: each model as it was at one moment after the backup has begun.

Of a model the log is read first, and then what its versions name. Where a version was removed in between, the model is
read again.
"""

import hashlib
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.logs import now
from app.registry import DamagedSnapshot, ModelFiles, ModelPoint
from app.store import MissingKey, Store
from app.upkeep.backup_file import BackupError, write_manifest, writing_backup

ATTEMPTS = 100
"""To read a model with all that it names, while versions of it are removed."""


@dataclass(frozen=True)
class Backup:
    """What a backup holds."""

    models: list[dict[str, Any]]
    """Of each its name, the version that answers, the numbers of all versions, and the record of the log it was read at."""
    files: int
    bytes: int
    damaged: list[str]
    """What is damaged in the store itself, and so is not in the backup, each with the reason."""


@dataclass
class _Writer:
    """Copies files from a store into a backup, each once."""

    store: Store
    packed: zipfile.ZipFile
    digests: dict[str, str] = field(default_factory=dict)
    size: int = 0

    def copy(self, key: str, expected: str | None) -> bool:
        """Copy a file; False if it is not there, or not what it was."""
        if key in self.digests:
            return True
        try:
            data = self.store.get(key)
        except MissingKey:
            return False
        return expected in {None, hashlib.sha256(data).hexdigest()} and self.write(key, data)

    def write(self, key: str, data: bytes) -> bool:
        """Write a file."""
        if key not in self.digests:
            self.packed.writestr(f"store/{key}", data)
            self.digests[key], self.size = hashlib.sha256(data).hexdigest(), self.size + len(data)
        return True


def back_up(store: Store, path: Path) -> Backup:
    """Write a backup of all models in a store. Raises `StoreError`, `BackupError`, `OSError`."""
    created = now()
    models: list[dict[str, Any]] = []
    damaged: list[str] = []
    wanted: dict[str, str] = {}
    with writing_backup(path) as packed:
        models_files, writer = ModelFiles(store), _Writer(store, packed)
        for name in models_files.names():
            try:
                point, lost = _copy_model(models_files, writer, name)
            except DamagedSnapshot as error:
                damaged.append(f"models/{name}: {error}")
                continue
            if point is not None:
                damaged += [f"{key}: missing or damaged" for key in lost if not _may_lack(store, point, key)]
                models.append(_tell(point))
                wanted |= {key: writer.digests[key] for key in (*point.log, *point.named) if key in writer.digests}
        write_manifest(packed, created, wanted, models)
    return Backup(models, len(wanted), path.stat().st_size, damaged)


def _copy_model(files: ModelFiles, writer: _Writer, name: str) -> tuple[ModelPoint | None, list[str]]:
    """Copy a model as it is at one moment; return that, and the keys that its versions name and nobody can read."""
    point = files.read(name)
    for _ in range(ATTEMPTS):
        if point is None:
            return None, []
        lost = [key for key, expected in point.named.items() if not writer.copy(key, expected)]
        after = files.read(name) if lost else point
        if after is not None and after.named.keys() >= set(lost):  # so it was not removed meanwhile
            for key, data in point.log.items():
                writer.write(key, data)
            return point, lost
        point = after
    raise BackupError(f"versions of model {name!r} are being removed faster than they can be copied: try again later")


def _may_lack(store: Store, point: ModelPoint, key: str) -> bool:
    """Whether a key is of what was said of unseen rows, and nothing is there: it may be missing, as it is not waited for."""
    return store.look(key) is None and any(version.unseen == key for version in point.state.versions.values())


def _tell(point: ModelPoint) -> dict[str, Any]:
    state = point.state
    facts = {"name": state.name, "default_version": state.default_version, "versions": sorted(state.versions)}
    return facts | {"sequence": state.sequence}
