"""Problem documents: the bodies of answers that say what went wrong (RFC 9457)."""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, Field
from pydantic_core import to_json

from app.errors import BodyError, shorten
from app.logs import current, new_request_id

PROBLEM = "application/problem+json"
"""The media type of problem documents."""

DIALECTS = ("/v1/", "/v2/", "/invocations/")
"""Paths of protocols that other servers speak, too: their clients look for a member `error`, and know no 422."""

MAX_DETAIL_CHARACTERS = 1000
"""Of a sentence that says what is wrong."""

MAX_PROBLEM_BYTES = 16 * 1024
"""Of a problem document as JSON: it has as many of the errors as fit in."""


class ProblemError(BaseModel):
    """One thing that is wrong with a request."""

    detail: str
    pointer: str = Field(description="A JSON pointer (RFC 6901) into the body; empty for the body as a whole.")


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str = Field(description="A URI reference that names the kind of problem.")
    title: str
    status: int
    detail: str
    instance: str
    request_id: str = Field(
        description="Of the request that this answers, as in its `X-Request-ID` and in the service's log."
    )
    errors: list[ProblemError] = Field(description="What exactly, and where in the request's body.")


def make_problem(status: HTTPStatus, detail: str, instance: str, errors: tuple[BodyError, ...] = ()) -> dict[str, Any]:
    """Return a problem document about what is at a path."""
    # The members are always the same. With type about:blank the title is the status's own phrase.
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "detail": shorten(detail, MAX_DETAIL_CHARACTERS),
        "instance": shorten(instance),
    }
    document["request_id"] = request.request_id if (request := current()) else new_request_id()
    if (instance + "/").startswith(DIALECTS):
        document["error"] = document["detail"]
    return {**document, "errors": list(_take_what_fits(errors, MAX_PROBLEM_BYTES - len(to_json(document)) - 12))}


def _take_what_fits(errors: tuple[BodyError, ...], room: int) -> Iterator[dict[str, str]]:
    """Yield errors as members of a document that has room for so many bytes."""
    for error in errors:
        told = {"detail": shorten(error.detail, MAX_DETAIL_CHARACTERS), "pointer": error.pointer}
        room -= len(to_json(told)) + 1
        if room < 0:
            return
        yield told
