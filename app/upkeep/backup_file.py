"""The file of a backup: a zip of what stands in a store, under its keys, and a manifest.

    manifest.json         {"format": 1, "created": ..., "files": {KEY: SHA-256, ...}, "models": [{...}, ...]}
    store/models/NAME/... each file under its key

What is in the zip and not in `files` does not count: it was of a version that was removed while the backup was made.
"""

import hashlib
import json
import os
import re
import uuid
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.registry import NAME
from app.store import sync_folder

FORMAT = 1
MANIFEST = "manifest.json"
LEVEL = 1
"""Of compression: a store is as large as its tables, which are much smaller after the least of it."""

_KEY = re.compile(
    f"models/{NAME.pattern}/(records|snapshots|checkpoints|tables)/[0-9a-f][0-9a-f-]{{7,120}}[.](json|safetensors|csv)"
)
_DAMAGE = (
    KeyError,
    TypeError,
    ValueError,
    EOFError,
    AttributeError,
    NotImplementedError,
    RuntimeError,
    zipfile.BadZipFile,
    zlib.error,
)
"""What reading a damaged file may raise."""


class BackupError(Exception):
    """A backup that cannot be made, or a file that is none, or a damaged one."""


@dataclass(frozen=True)
class BackupFile:
    """A backup that is open to be read."""

    zip: zipfile.ZipFile
    files: dict[str, str]
    models: list[dict[str, Any]]

    def read(self, key: str) -> bytes:
        """Return a file. Raises `BackupError` if it is not what it was."""
        try:
            data = self.zip.read(f"store/{key}")
        except _DAMAGE as error:
            raise BackupError(f"the backup is damaged: {key} cannot be read: {error}") from None
        if hashlib.sha256(data).hexdigest() != self.files[key]:
            raise BackupError(
                f"the backup is damaged: {key} does not have the digest that the manifest names: use another backup"
            )
        return data


@contextmanager
def writing_backup(path: Path) -> Iterator[zipfile.ZipFile]:
    """Give a new backup, which is there under its name only once it is whole, and on the disk. Raises `BackupError`, `OSError`."""
    _refuse_existing(path)
    unfinished = path.with_name(f".{path.name}.{uuid.uuid4().hex}.unfinished")
    unfinished.touch(mode=0o600, exist_ok=False)  # it holds whole tables
    try:
        with unfinished.open("wb") as file:
            with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=LEVEL) as packed:
                yield packed
            file.flush()
            os.fsync(file.fileno())
        _publish(unfinished, path)
        sync_folder(os.fspath(path.parent))
    finally:
        unfinished.unlink(missing_ok=True)


def _publish(unfinished: Path, path: Path) -> None:
    """Have a file under its name, if there is none. Raises `BackupError`, `OSError`."""
    try:
        os.link(unfinished, path)  # which takes the place of nothing
    except OSError:  # there is a file meanwhile, or the disk knows no links, as one that is formatted for Windows
        _refuse_existing(path)
        unfinished.replace(path)


def _refuse_existing(path: Path) -> None:
    if path.exists():
        raise BackupError(f"{path} exists already: choose another name")


def write_manifest(packed: zipfile.ZipFile, created: str, files: dict[str, str], models: list[dict[str, Any]]) -> None:
    """Write what a backup holds."""
    manifest = {"format": FORMAT, "created": created, "files": files, "models": models}
    packed.writestr(MANIFEST, json.dumps(manifest, indent=1))


@contextmanager
def reading_backup(path: Path) -> Iterator[BackupFile]:
    """Give a backup. Raises `BackupError` for another file, or one of a newer version; `OSError`."""
    try:
        packed = zipfile.ZipFile(path)
    except (*_DAMAGE,):
        raise BackupError(f"{path} is not a backup made by `scorecast backup`, or it is incomplete") from None
    with packed:
        yield _open(packed, path)


def _open(packed: zipfile.ZipFile, path: Path) -> BackupFile:
    try:
        manifest = json.loads(packed.read(MANIFEST))
        files, models, is_newer = dict(manifest["files"]), list(manifest["models"]), manifest["format"] > FORMAT
        wrong = [key for key, digest in files.items() if not _KEY.fullmatch(key) or not isinstance(digest, str)]
    except _DAMAGE:
        raise BackupError(f"{path} is not a backup of a store: its {MANIFEST} cannot be read") from None
    if is_newer:
        raise BackupError(f"{path} was written by a newer version of Scorecast: use that version, or a newer one")
    if wrong:
        raise BackupError(f"{path} is damaged: {wrong[0]!r} is not a file of a model")
    return BackupFile(packed, files, models)
