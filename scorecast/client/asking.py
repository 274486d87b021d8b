"""Rows to predict, sent in as many requests as their number needs, and answered as if it had been one."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from scorecast.client.errors import Refused
from scorecast.client.query import path_of
from scorecast.client.results import Document
from scorecast.client.tables import JSON, is_divisible, slice_rows, split_table, write_body
from scorecast.client.transport import Transport

TOO_LARGE = 413


@dataclass(frozen=True)
class Question:
    """What is asked, and of which version of which model; None: of the default one."""

    model_name: str
    version: int | None
    query: Mapping[str, Any]
    features: tuple[str, ...] = ()
    """Names of the columns of an array."""


def ask(transport: Transport, question: Question, table: Any) -> Iterator[Document]:
    """Yield the answers to the pieces of a table; all come from one version. Raises `Refused`, `Unreachable`."""
    start, version = 0, question.version
    for piece in split_table(table):
        pinned = Question(question.model_name, version, question.query, question.features)
        for answer in _ask_piece(transport, pinned, piece, start):
            version = answer["model_version"]
            yield answer
        start += len(piece) if is_divisible(piece) else 0


def ask_file(transport: Transport, question: Question, table: Any, media_type: str) -> bytes:
    """Return the answer to a table as a file of this type. Raises `Refused`, `Unreachable`."""
    content: bytes = _send(transport, question, table, media_type).content
    return content


def _ask_piece(transport: Transport, question: Question, piece: Any, start: int) -> Iterator[Document]:
    """Yield the answer to some rows, or those to both halves where it is too much; the first row has the number `start`."""
    try:
        answer = transport.read(_send(transport, question, piece, JSON))
    except Refused as error:
        rows = len(piece) if is_divisible(piece) else 1
        if error.status != TOO_LARGE or rows == 1:
            raise error.counted_from(start) if start else error from None
        for first, last in ((0, rows // 2), (rows // 2, rows)):
            yield from _ask_piece(transport, question, slice_rows(piece, first, last), start + first)
    else:
        yield answer


def _send(transport: Transport, question: Question, table: Any, accept: str) -> Any:
    body = write_body(table, question.features)
    headers = {"Content-Type": body.media_type, "Accept": accept}
    name, version = question.model_name, question.version
    path = path_of(name, "predict") if version is None else path_of(name, "versions", version, "predict")
    return transport.send("POST", path, query=question.query, content=body.content, headers=headers)
