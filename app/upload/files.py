"""The files of an upload: a checkpoint alone, or a form with a checkpoint and the table that it was trained with."""

from dataclasses import dataclass

from app.errors import MalformedBody, UnsupportedMediaType, shorten
from app.tables import FORM, split_form

CHECKPOINTS = ("application/octet-stream", "application/vnd.safetensors", "application/x-safetensors")
"""What a checkpoint that comes alone may be called."""

_PARTS = ("checkpoint", "table")
_HOW = (
    "send the checkpoint with the header Content-Type: application/octet-stream, or a form; with curl, "
    "-F checkpoint=@model.safetensors, and -F table=@table.csv if its table is to be kept"
)


@dataclass(frozen=True, eq=False)
class UploadBody:
    """An upload as it came."""

    data: bytes
    content_type: str


@dataclass(frozen=True, eq=False)
class UploadParts:
    """What was sent."""

    checkpoint: bytes
    table: bytes | None = None
    """A CSV, as the table of a version is downloaded."""


def check_media_type(content_type: str) -> str:
    """Return the media type of an upload. Raises `UnsupportedMediaType`."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in {*CHECKPOINTS, FORM}:
        raise UnsupportedMediaType(f"a body of Content-Type {shorten(kind)!r} is no version: {_HOW}")
    return kind


def read_files(body: UploadBody) -> UploadParts:
    """Return what a body holds. Raises `UnsupportedMediaType`, `MalformedBody`."""
    if check_media_type(body.content_type) != FORM:
        return UploadParts(body.data)
    found: dict[str, bytes] = {}
    for part in split_form(body.data, body.content_type):
        name = part.name or ""
        if name not in _PARTS or name in found:
            raise MalformedBody(f"the form has a part {shorten(name)!r} too many: {_HOW}")
        found[name] = part.content.getvalue()
    if "checkpoint" not in found:
        raise MalformedBody(f"the form has no part 'checkpoint': {_HOW}")
    return UploadParts(found["checkpoint"], found.get("table"))
