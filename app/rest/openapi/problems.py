"""What an operation may answer that is not of its own making."""

from http import HTTPStatus
from typing import Any

from app.rest.bodies import DIALECTS, PROBLEM, Problem
from app.rest.dependencies import may_change
from app.tables import JSON

_SCHEMA = {"schema": {"$ref": f"#/components/schemas/{Problem.__name__}"}}
_PROBLEM = {PROBLEM: _SCHEMA}


def describe_problems(operation: dict[str, Any], method: str, path: str) -> None:
    """Add to an operation what any request may be answered with."""
    operation["responses"] |= {status: _describe(status) for status in _common_statuses(operation, method, path)}
    if "422" in operation["responses"]:  # which the framework would answer otherwise
        operation["responses"]["422"]["content"] = _PROBLEM
    if f"{path}/".startswith(DIALECTS):
        for status, response in operation["responses"].items():
            if int(status) >= HTTPStatus.BAD_REQUEST:
                response["content"] = {**_PROBLEM, JSON: _SCHEMA}


def _common_statuses(operation: dict[str, Any], method: str, path: str) -> set[str]:
    """Return the statuses of these answers.

    The head may be wrong, too long, or of another service, or the request may not come in time. There may be no key, one for
    something else, or too many requests. Where the store is used it may be unavailable, and where something is changed it may
    be full, or a page of another site may ask for that.
    """
    statuses = {"400", "401", "403", "408", "421", "431"}
    if "health" in operation["tags"]:
        return statuses
    return statuses | {"429", "503"} | ({"507"} if may_change(method.upper(), path) else set())


def _describe(status: str) -> dict[str, Any]:
    """Return what an error is answered as."""
    return {"description": HTTPStatus(int(status)).phrase, "content": _PROBLEM}
