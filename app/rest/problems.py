"""What went wrong, answered: a status and a problem document (RFC 9457)."""

from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.routing import Match

from app.errors import BodyError, InvalidBody, TooBusy, UntrainedModel, shorten
from app.metrics import Metrics
from app.registry import EXAM_SCORE
from app.rest.access_log import PROBES
from app.rest.bodies import DIALECTS, PROBLEM, make_problem
from app.rest.dependencies import AGENTS_PATH
from app.rest.statuses import HEADERS, STATUSES
from app.tables import JSON

Answer = Callable[[Request, Exception], Awaitable[JSONResponse]]

OF_FRAMEWORK = ("NotFound", "MethodNotAllowed", RequestValidationError.__name__)
"""What the framework finds wrong, as it is counted."""

NO_MEMORY = "there is not enough memory for this request now: send less at a time, or try again later"


def problem(request: Request, status: HTTPStatus, detail: str, errors: tuple[BodyError, ...] = ()) -> dict[str, Any]:
    """Return the problem document that answers a request."""
    if status is HTTPStatus.UNPROCESSABLE_ENTITY and f"{request.url.path}/".startswith(DIALECTS):
        status = HTTPStatus.BAD_REQUEST
    return make_problem(status, detail, request.url.path, errors)


def install_error_handlers(app: FastAPI, metrics: Metrics) -> None:
    """Have the application answer every exception with a problem document, and count it."""
    metrics.expect_problems([*(kind.__name__ for kind in STATUSES), *OF_FRAMEWORK])
    answers: dict[type[Exception], Answer] = {kind: _known_error(status) for kind, status in STATUSES.items()}
    answers |= {HTTPException: _framework_error, RequestValidationError: _parameter_error, Exception: _unexpected_error}
    for kind, answer in answers.items():
        app.add_exception_handler(kind, _counted(metrics, kind, answer))


def _counted(metrics: Metrics, kind: type[Exception], answer: Answer) -> Answer:
    async def count(request: Request, error: Exception) -> JSONResponse:
        if request.url.path not in PROBES:
            phrase = HTTPStatus(error.status_code).phrase if isinstance(error, HTTPException) else ""
            metrics.count_error(phrase.replace(" ", "") or kind.__name__)
        return await answer(request, error)

    return count


def _known_error(status: HTTPStatus) -> Answer:
    async def answer(request: Request, error: Exception) -> JSONResponse:
        if isinstance(error, MemoryError):  # which has no words of its own
            error = TooBusy(NO_MEMORY)
        detail, errors = _shorten_names(str(error), request), error.errors if isinstance(error, InvalidBody) else ()
        if isinstance(error, UntrainedModel) and error.name:
            detail += f": POST a table to {'' if error.name == EXAM_SCORE else f'/models/{error.name}'}/train first"
        return _response(problem(request, status, detail, errors), HEADERS.get(type(error)))

    return answer


def _shorten_names(detail: str, request: Request) -> str:
    """Return a sentence with the names in the request's path shortened."""
    for name in map(str, request.path_params.values()):
        detail = detail.replace(name, shorten(name))
    return detail


async def _framework_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - for the type checker; registered for nothing else
    status = HTTPStatus(error.status_code)
    detail = {
        HTTPStatus.NOT_FOUND: f"there is nothing at {shorten(request.url.path)}",
        HTTPStatus.METHOD_NOT_ALLOWED: f"{request.method} is not allowed on {shorten(request.url.path)}",
    }.get(status, error.detail)
    if status is HTTPStatus.NOT_FOUND and request.url.path == AGENTS_PATH:
        detail += ": agents find tools there if SCORECAST_MCP=true"
    headers = {**(error.headers or {})}
    if status is HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(sorted(_find_methods(request)))
    return _response(problem(request, status, detail), headers)


def _find_methods(request: Request) -> set[str]:
    """Return all methods of a path: the framework names those of the first of its routes (RFC 9110, section 10.2.1)."""
    asked = {method: {**request.scope, "method": method} for method in ("DELETE", "GET", "PATCH", "POST", "PUT")}
    routes = request.app.routes
    methods = {name for name, scope in asked.items() if any(each.matches(scope)[0] is Match.FULL for each in routes)}
    return methods | ({"HEAD"} if "GET" in methods else set())


async def _parameter_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - as above
    found = [f"{each['loc'][-1]!r}: {each['msg'].replace('Input should', 'should')}" for each in error.errors()]
    errors = tuple(BodyError(detail, "") for detail in found)
    return _response(problem(request, HTTPStatus.UNPROCESSABLE_ENTITY, "; ".join(found), errors))


async def _unexpected_error(request: Request, _: Exception) -> JSONResponse:
    detail = "something went wrong in the service; its log says what"
    # The server closes the connection after this, without telling the client, which may send more over it.
    return _response(problem(request, HTTPStatus.INTERNAL_SERVER_ERROR, detail), {"Connection": "close"})


def _response(document: dict[str, Any], headers: Mapping[str, str] | None = None) -> JSONResponse:
    # What a dialect's clients look for an `error` in is plain JSON to them: KServe's shows that of nothing else.
    media_type = JSON if "error" in document else PROBLEM
    return JSONResponse(document, document["status"], headers, media_type=media_type)
