"""The access log: a line for each request, in uvicorn's form, to the standard output.

The lines of one iteration of the event loop are written together: one by one, as uvicorn does it, they would cost as
much as the answers.
"""

import asyncio
import sys
from contextlib import suppress
from functools import lru_cache
from http import HTTPStatus
from urllib.parse import quote

from starlette.types import ASGIApp, Message, Receive, Scope, Send

_PHRASES = {status.value: status.phrase for status in HTTPStatus}


class AccessLog:
    """An ASGI application that has another one answer, and tells of it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._lines: list[str] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Have a request answered; its line is written when its answer begins."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def noting(message: Message) -> None:
            if message["type"] == "http.response.start":
                self._note(_line(scope, message["status"]))
            await send(message)

        await self._app(scope, receive, noting)

    def _note(self, line: str) -> None:
        if not self._lines:
            asyncio.get_running_loop().call_soon(self._write)
        self._lines.append(line)

    def _write(self) -> None:
        lines, self._lines = self._lines, []
        with suppress(OSError):  # no one reads it any more
            sys.stdout.write("".join(lines))
            sys.stdout.flush()


def _line(scope: Scope, status: int) -> str:
    client = scope.get("client")
    whose = f"{client[0]}:{client[1]}" if client else "-"
    asked = _request_line(scope["method"], scope["path"], scope["query_string"], scope["http_version"])
    return f'INFO:     {whose} - "{asked}" {status} {_PHRASES.get(status, "")}\n'


@lru_cache(maxsize=256)
def _request_line(method: str, path: str, query: bytes, version: str) -> str:
    """Return the request's first line, with nothing in it that could pass for another line."""
    return f"{method} {quote(path)}{'?' * bool(query)}{quote(query, safe='%&=+,/:;')} HTTP/{version}"
