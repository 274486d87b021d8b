"""Each request's id, in its answer and in all that is logged meanwhile; and the access log, a line for each request but probes.

The lines of one iteration of the event loop are written together, and are made by templates: one by one, or by what makes
the other lines of the log, they would cost as much as the answers.
"""

import asyncio
import json
from functools import lru_cache
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.errors import shorten
from app.logs import LogForm, RequestIdentity, current, identify, note_request, now, write
from app.rest.spans import current_span, name_trace, trace_headers

PROBES = frozenset({"/livez", "/readyz", "/metrics", "/ping", "/health", "/v2/health/live", "/v2/health/ready"})
"""What is asked every few seconds by whoever watches the service: neither told here nor counted."""

NO_ANSWER = 500
"""Told of a request that ended without an answer: the server makes one then."""


class AccessLog:
    """Lines about requests, in one form."""

    def __init__(self, form: LogForm) -> None:
        self._make_line, self._make_head = _FORMS[form]
        self._lines: list[str] = []

    def note(self, scope: Scope, request: RequestIdentity, status: int, seconds: float) -> None:
        """Have a line written about a request that was answered, and how long that took."""
        if scope["path"] in PROBES:
            return
        if not self._lines:
            asyncio.get_running_loop().call_soon(self._write)
        self._lines.append(self._make_line(scope, request, status, seconds))

    def _write(self) -> None:
        lines, self._lines = self._lines, []
        head = self._make_head(now())
        write([head + line for line in lines])


class Identified:
    """An ASGI application that has another one answer, and tells in the answer, and in the log, which request it was."""

    def __init__(self, app: ASGIApp, log: AccessLog | None) -> None:
        self._app, self._log = app, log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have a request answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        began, status, outer, request = perf_counter(), NO_ANSWER, current(), identify(scope["headers"])
        note_request(request)

        async def send_with_id(message: Message) -> None:
            nonlocal status, request
            if message["type"] == "http.response.start":
                status, request = message["status"], name_trace(request, span := current_span())
                message = {**message, "headers": [*message.get("headers", ()), *trace_headers(request, span)]}
            await send(message)

        try:
            await self._app(scope, receive, send_with_id)
        finally:
            if self._log is not None:
                known = (current() or request)._replace(trace_id=request.trace_id)
                self._log.note(scope, _find_model(known, scope), status, perf_counter() - began)
            if outer is not None:  # whose answer takes requests of its own
                note_request(outer)


def _find_model(request: RequestIdentity, scope: Scope) -> RequestIdentity:
    """Return which request it was, with the model that its path names unless another one is known."""
    name = scope.get("path_params", {}).get("name", "")
    return request._replace(model_name=name) if name and not request.model_name else request


def _make_json_line(scope: Scope, request: RequestIdentity, status: int, seconds: float) -> str:
    request_id, trace_id, name, version = request
    client = scope.get("client")
    host = client[0] if client else ""
    asked, known = _quote(shorten(host), scope["method"], shorten(scope["path"]), name, version)
    trace = f'"trace_id":"{trace_id}",' if trace_id else ""
    return f'"request_id":"{request_id}",{trace}{asked}"status":{status},"duration_seconds":{seconds:.6f}{known}}}'


@lru_cache(maxsize=256)
def _quote(host: str, method: str, path: str, name: str, version: int | None) -> tuple[str, str]:
    """Return what is asked, and of which model, as members of a line: with nothing in them that could pass for another line.

    A query is left out, since it may have values in it; the host is whatever a proxy calls it.
    """
    asked = {"client": host, "method": shorten(method), "path": path}
    known = {"model_name": shorten(name), "model_version": version}
    before, after = (
        [f"{json.dumps(member)}:{json.dumps(value)}" for member, value in members.items() if value]
        for members in (asked, known)
    )
    return "".join(f"{member}," for member in before), "".join(f",{member}" for member in after)


def _make_json_head(time: str) -> str:
    return f'{{"time":"{time}","level":"info","event":"request","logger":"scorecast.access",'


def _make_text_line(scope: Scope, request: RequestIdentity, status: int, seconds: float) -> str:
    client = scope.get("client")
    asked = json.dumps(f"{scope['method']} {shorten(scope['path'])}").strip('"')
    whose = f" client={json.dumps(shorten(client[0]))}" if client else ""
    known = "".join(f" {name}={shorten(str(value))}" for name, value in request._asdict().items() if value)
    return f"{asked} {status} {1000 * seconds:.1f} ms{whose}{known}"


def _make_text_head(time: str) -> str:
    return f"{time} {'info':<8} "


_FORMS = {"json": (_make_json_line, _make_json_head), "text": (_make_text_line, _make_text_head)}
