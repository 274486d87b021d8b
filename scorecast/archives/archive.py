"""The file of an archive: a zip of what a service tells of a model, and of each version's checkpoint and table.

    manifest.json                     {"format": 1, "model": {...}, "versions": [{...}, ...]}
    versions/3/checkpoint.safetensors
    versions/3/table.csv              if it was kept

`model` and `versions` are the service's own answers; versions stand in the order of their numbers.
"""

import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scorecast.client import ScorecastError

FORMAT = 1
DECLARED = ("features", "targets", "left_out", "network", "trainer")
"""The members of a model that declare it."""
MEMBERS = frozenset({"name", "default_version", *DECLARED})
MANIFEST = "manifest.json"
NAMES = {"checkpoint": "checkpoint.safetensors", "table": "table.csv"}
"""Of the files of a version."""

MAX_FILE_BYTES = 1 << 30
"""Of a file in an archive, unpacked."""

Document = Mapping[str, Any]


class ArchiveError(ScorecastError):
    """A file that is no archive of a model, or a damaged one."""


@dataclass(frozen=True)
class Archive:
    """An archive that is open to be read."""

    file: zipfile.ZipFile
    model: Document
    versions: Sequence[Document]
    digest: str
    """Of its manifest, which has those of all its files."""

    def read(self, version: Document, kind: str) -> bytes:
        """Return a version's `checkpoint` or `table`. Raises `ArchiveError` if it is damaged."""
        name = file_name(version, kind)
        try:
            content = _unpack(self.file, name)
        except DAMAGE as error:
            raise ArchiveError(f"the archive is damaged: {name} cannot be read: {error}") from None
        if hashlib.sha256(content).hexdigest() != version[digest_of(kind)]:
            raise ArchiveError(f"the archive is damaged: {name} is not what it was")
        return content


def file_name(version: Document, kind: str) -> str:
    """Return what a version's file is called."""
    return f"versions/{version['model_version']}/{NAMES[kind]}"


def digest_of(kind: str) -> str:
    """Return the member of a version that has the digest of one of its files."""
    return "sha256" if kind == "checkpoint" else "table_sha256"


@contextmanager
def writing(path: Path) -> Iterator[zipfile.ZipFile]:
    """Give a new archive, which is there under its name only once it is whole."""
    unfinished = path.with_name(f".{path.name}.{os.getpid()}.unfinished")
    try:
        with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as file:
            yield file
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def write_manifest(file: zipfile.ZipFile, model: Document, versions: Sequence[Document]) -> None:
    """Write what the archive holds."""
    manifest = {"format": FORMAT, "model": dict(model), "versions": [dict(each) for each in versions]}
    file.writestr(MANIFEST, json.dumps(manifest, ensure_ascii=False, indent=1))


@contextmanager
def reading(path: Path) -> Iterator[Archive]:
    """Give an archive. Raises `ArchiveError` for another file, or one of a newer format."""
    try:
        file = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, NotImplementedError, ValueError):
        raise ArchiveError(f"{path} is no archive of a model, as `scorecast export` writes them") from None
    with file:
        yield _open(file, path)


def _unpack(file: zipfile.ZipFile, name: str) -> bytes:
    """Return a file of an archive. Raises one of `DAMAGE`."""
    if file.getinfo(name).file_size > MAX_FILE_BYTES:
        raise ValueError(f"it would have more than {MAX_FILE_BYTES:,} bytes")
    return file.read(name)


DAMAGE = (KeyError, TypeError, ValueError, EOFError, NotImplementedError, RuntimeError, zipfile.BadZipFile, zlib.error)
"""What reading a damaged archive may raise."""


def _open(file: zipfile.ZipFile, path: Path) -> Archive:
    try:
        data = _unpack(file, MANIFEST)
        manifest = json.loads(data)
        newer, versions = manifest["format"] > FORMAT, manifest["versions"]
        numbers = [int(each["model_version"]) for each in versions if len(each["sha256"]) and "table_sha256" in each]
        in_order = sorted(set(numbers)) == numbers and len(numbers) == len(versions)
        complete = manifest["model"].keys() >= MEMBERS and isinstance(manifest["model"]["name"], str)
        if not newer and not complete:
            raise ValueError("it does not say what the model is")
    except (*DAMAGE, AttributeError):
        raise ArchiveError(f"{path} is no archive of a model: its {MANIFEST} cannot be read") from None
    if newer or not in_order:
        raise ArchiveError(f"{path} was written by a newer version of Scorecast" if newer else f"{path} is damaged")
    return Archive(file, manifest["model"], versions, hashlib.sha256(data).hexdigest())
