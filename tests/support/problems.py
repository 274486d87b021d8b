"""Problem documents (RFC 9457) as every error of the service is answered with."""

from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from app.errors import shorten
from app.rest.bodies import MAX_PROBLEM_BYTES
from tests.support.server import Answer

MEMBERS = ["type", "title", "status", "detail", "instance", "request_id", "errors"]


def problem(answer: Answer, status: int) -> dict[str, Any]:
    """Check that an answer is a problem document with this status, and return it."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert list(found) == MEMBERS
    assert (found["type"], found["title"], found["status"]) == ("about:blank", HTTPStatus(status).phrase, status)
    assert found["detail"]
    assert found["request_id"] == answer.headers.get("x-request-id", found["request_id"])
    assert unquote(found["instance"]) == shorten(answer.request.url.path)
    assert len(answer.content) < MAX_PROBLEM_BYTES
    for error in found["errors"]:
        assert list(error) == ["detail", "pointer"]
        assert error["detail"]
    return found


def errors(answer: Answer, status: int = 422) -> list[tuple[str, str]]:
    """Return what a problem document lists: what is wrong, and where."""
    return [(error["detail"], error["pointer"]) for error in problem(answer, status)["errors"]]
