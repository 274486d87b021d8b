"""One upload's request: from the files and what is asked of them to a new version, or what is wrong with it."""

import hashlib
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, Field

from app.budget import MAX_PARAMETERS
from app.errors import BodyError, InvalidBody
from app.logs import now
from app.registry import Declaration, NewVersion, Registry, Upload, check_name
from app.tables import read_kept_table, write_table
from app.upload.columns import check_same, check_signature
from app.upload.files import UploadBody, UploadParts, read_files
from app.upload.limits import check_cost, check_header
from app.upload.trial import try_out
from model.checkpoint import Checkpoint
from model.errors import CheckpointError
from model.table import Signature

MAX_NUMBER = 1_000_000_000


class UploadQuery(BaseModel):
    """The query parameters of an upload."""

    model_version: int | None = Field(
        default=None,
        ge=1,
        le=MAX_NUMBER,
        description="The number that the version gets, above all that were given; else the next.",
    )
    default: Literal["move", "keep"] = Field(
        default="move", description="Whether the version answers from now on, or the default version stays."
    )
    columns: Literal["declared", "own"] = Field(
        default="declared",
        description="Whether its columns must be those that the model is declared with, or may be its own.",
    )


@dataclass(frozen=True)
class UploadRequest:
    """What is asked of an upload."""

    name: str
    """Of the model."""
    query: UploadQuery
    key: str | None
    """The client's `Idempotency-Key`."""
    keeps_table: bool = True
    """Whether tables are kept here."""
    max_parameters: int = MAX_PARAMETERS
    """Of the networks of one part."""


def make_version(body: UploadBody, request: UploadRequest, registry: Registry) -> NewVersion:
    """Return the version that an upload makes, checked whole; nothing is stored yet.

    Raises `InvalidBody`, `BodyTooLarge`, `OtherColumns`, `MalformedBody`, and `SignatureError` for a name that no model can have.
    """
    check_name(request.name)
    files = read_files(body)
    checkpoint = read_checkpoint(files.checkpoint, request.max_parameters)
    signature = checkpoint.predictor.signature
    declared = registry.state(request.name).declaration
    if declared is not None and request.query.columns == "declared":
        check_same(request.name, declared.signature, signature)
    table = None if files.table is None else _read_table(files.table, signature)
    provenance = {"created": now(), "job_id": None, "duration_seconds": 0.0, "report": checkpoint.report.to_json()}
    return NewVersion(
        request.name,
        checkpoint,
        table if request.keeps_table else None,
        provenance,
        declaration=Declaration(signature),
        upload=_make_terms(files, request),
    )


def read_checkpoint(data: bytes, max_parameters: int) -> Checkpoint[Any]:
    """Return a checkpoint that nobody vouches for, checked whole. Raises `InvalidBody`, `BodyTooLarge`."""
    check_header(data)
    try:
        checkpoint = Checkpoint.from_bytes(data, is_foreign=True)
    except CheckpointError as error:
        raise InvalidBody([BodyError(str(error), "")]) from None
    check_signature(checkpoint.predictor.signature)
    check_cost(checkpoint.predictor, checkpoint.report, max_parameters)
    try_out(checkpoint.predictor)
    return checkpoint


def _read_table(data: bytes, signature: Signature) -> bytes:
    """Return a table as it is kept: read whole, and written anew. Raises `InvalidBody`, `MalformedBody`."""
    return write_table(read_kept_table(data, signature), signature.columns)


def _make_terms(files: UploadParts, request: UploadRequest) -> Upload:
    query = request.query
    return Upload(
        files.checkpoint,
        query.model_version,
        query.default == "keep",
        query.columns == "own",
        None if request.key is None else f"{_digest(request.key.encode())} {_digest_request(files, query)}",
    )


def _digest_request(files: UploadParts, query: UploadQuery) -> str:
    parts = [files.checkpoint, files.table or b"", query.model_dump_json().encode()]
    return _digest(b"".join(hashlib.sha256(part).digest() for part in parts))


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:32]
