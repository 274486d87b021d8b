"""Moving a model: out of one service into an archive, and out of an archive into another service."""

import hashlib
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scorecast.archives.archive import (
    DECLARED,
    Archive,
    ArchiveError,
    Document,
    digest_of,
    file_name,
    reading,
    write_manifest,
    writing,
)
from scorecast.client import Client, Refused, ScorecastError, Upload

COLUMNS = ("features", "targets", "left_out")
NOT_FOUND, CONFLICT = 404, 409


@dataclass(frozen=True)
class Exported:
    """What an archive was written of."""

    file: str
    model_name: str
    versions: Sequence[int]
    bytes: int


@dataclass(frozen=True)
class Moved:
    """A version of an archive, and what it is called where it was put."""

    archived_as: int
    model_version: int
    was_there: bool


@dataclass(frozen=True)
class Imported:
    """A model that was put into a service."""

    model_name: str
    versions: Sequence[Moved]
    default_version: int | None


class ImportStopped(ScorecastError):
    """Some versions are there, others are not; `versions` are those that are, the cause is why it stopped."""

    def __init__(self, model_name: str, versions: Sequence[Moved], count: int, cause: Exception) -> None:
        self.versions = versions
        numbers = ", ".join(str(each.model_version) for each in versions) or "none"
        super().__init__(
            f"{cause}; of the {count} versions of model {model_name!r} these are there: {numbers}. Run it again to go on"
        )


def export_model(client: Client, name: str, path: Path, numbers: Collection[int] = ()) -> Exported:
    """Write a model with all its versions, or with those of these numbers, into an archive."""
    model = client.model(name).document
    found = sorted((each.document for each in client.versions(name)), key=lambda each: int(each["model_version"]))
    there = {int(each["model_version"]) for each in found}
    if missing := sorted(set(numbers) - there):
        raise ArchiveError(f"model {name!r} has no version {missing[0]}")
    chosen = [each for each in found if not numbers or each["model_version"] in numbers]
    with writing(path) as file:
        for version in chosen:
            for kind, content in _download(client, name, version):
                file.writestr(file_name(version, kind), content)
        write_manifest(file, model, chosen)
    return Exported(str(path), name, [each["model_version"] for each in chosen], path.stat().st_size)


def _download(client: Client, name: str, version: Document) -> Iterator[tuple[str, bytes]]:
    """Yield the files of a version. Raises `ArchiveError` for one that is not what the service says it is."""
    for kind, download in (("checkpoint", client.export), ("table", client.table)):
        if (digest := version[digest_of(kind)]) is not None:
            content = download(name, version["model_version"])
            if hashlib.sha256(content).hexdigest() != digest:
                raise ArchiveError(f"the {kind} of version {version['model_version']} did not arrive as it was sent")
            yield kind, content


def import_model(client: Client, path: Path, name: str | None = None) -> Imported:
    """Put the model of an archive into a service, under this name or its own; what is there already is left as it is.

    Numbers stay, unless the model has given them to others: then a version gets the next one. Raises `ArchiveError`,
    `ImportStopped`, `Refused`, `Unreachable`.
    """
    with reading(path) as archive:
        called = name or archive.model["name"]
        _declare(client, called, archive.model)
        done: list[Moved] = []
        try:
            _upload_all(client, called, archive, done)
            default = _move_default(client, called, archive.model["default_version"], done)
        except (ScorecastError, KeyboardInterrupt) as error:
            cause = ScorecastError("it was interrupted") if isinstance(error, KeyboardInterrupt) else error
            raise ImportStopped(called, done, len(archive.versions), cause) from error
    return Imported(called, done, default)


def _declare(client: Client, name: str, model: Document) -> None:
    """Have a service know the model. Raises `ArchiveError` if it has another one of that name."""
    wanted = {member: model[member] for member in DECLARED}
    try:
        there = client.model(name).document
    except Refused as error:
        if error.status != NOT_FOUND:
            raise
        client.declare(name, wanted, is_new=True)
        return
    if any(there[member] != wanted[member] for member in COLUMNS):
        raise ArchiveError(
            f"there is a model {name!r} with other columns: import this one under another name (--model)"
        )


def _upload_all(client: Client, name: str, archive: Archive, done: list[Moved]) -> None:
    """Publish each version, in the order of their numbers, and add it to those that are done."""
    there = sorted((each.document["sha256"], each.number) for each in client.versions(name))
    for version in archive.versions:
        number = version["model_version"]
        same = [each for each in there if each[0] == version["sha256"]]
        if same:
            there.remove(same[0])
            done.append(Moved(number, same[0][1], was_there=True))
        else:
            done.append(Moved(number, _upload(client, name, archive, version), was_there=False))


def _upload(client: Client, name: str, archive: Archive, version: Document) -> int:
    """Publish a version, with its own number if that is free; return its number."""
    table = None if version["table_sha256"] is None else archive.read(version, "table")
    number = version["model_version"]
    upload = Upload(archive.read(version, "checkpoint"), table, f"{archive.digest} {number}")
    options: dict[str, Any] = {"default": "keep", "columns": "own"}
    try:
        return client.upload(name, upload, model_version=number, **options).number
    except Refused as error:
        if error.status != CONFLICT:
            raise
    return client.upload(name, upload, **options).number


def _move_default(client: Client, name: str, archived: int | None, moved: Sequence[Moved]) -> int | None:
    """Have that version answer which answered where the archive comes from; return which answers now."""
    numbers = {each.archived_as: each.model_version for each in moved}
    default = client.model(name).default_version
    if archived not in numbers or numbers[archived] == default:
        return default
    return client.roll_back(name, numbers[archived]).default_version
