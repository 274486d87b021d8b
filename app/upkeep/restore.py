"""A store from a backup: into an empty folder, after all of the backup has been read."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.store import begin_restore, end_restore
from app.upkeep.backup_file import BackupFile, reading_backup

ORDER = ("checkpoints", "tables", "snapshots", "records")
"""What names others comes after them."""


@dataclass(frozen=True)
class Restored:
    """What was restored."""

    models: list[dict[str, Any]]
    files: int


def restore(path: Path, location: str) -> Restored:
    """Make a store of a backup. Raises `StoreError`, `BackupError`, `OSError`."""
    with reading_backup(path) as backup:
        for key in backup.files:
            backup.read(key)
        _fill(backup, location)
        return Restored(backup.models, len(backup.files))


def _fill(backup: BackupFile, location: str) -> None:
    store = begin_restore(location)
    for key in sorted(backup.files, key=lambda key: (ORDER.index(key.split("/")[2]), key)):
        store.create(key, backup.read(key))
    end_restore(location)
