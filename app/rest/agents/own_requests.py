"""Requests that tools send to the application that they are part of, in process.

They go through all that a request from outside goes through, with the caller's address and headers: names of hosts, limits
of bodies, costs, and whatever else will ask who a request comes from.
"""

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from starlette.types import Message, Scope

from app.logs import current
from app.tables import JSON

MAX_ANSWER_BYTES = 1024 * 1024
"""Of what a tool answers: an agent reads all of it."""

Piece = Callable[[bytes], Awaitable[None]]

_OF_THE_MESSAGE = frozenset(
    name.encode()
    for name in (
        *("accept", "accept-encoding", "connection", "content-encoding", "content-length", "content-type", "expect"),
        *(
            "idempotency-key",
            "if-match",
            "if-none-match",
            "last-event-id",
            "prefer",
            "transfer-encoding",
            "x-request-id",
        ),
    )
)
"""Headers that say something of the message that the agent sent, and not of who sent it."""

_OF_THE_CONNECTION = ("type", "asgi", "http_version", "server", "client", "scheme", "root_path", "state")


class ToolFailed(Exception):
    """A request that was answered with an error: the text is what the agent is told."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        super().__init__("\n".join(_describe(problem)))


@dataclass(frozen=True)
class OwnRequest:
    """What to ask of the application."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    media_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)

    def in_place_of(self, request: Request) -> Scope:
        """Return the scope of this request, from where another one has come from."""
        kept = [header for header in request.scope["headers"] if header[0] not in _OF_THE_MESSAGE]
        own = {"accept": JSON, "content-length": str(len(self.body)), **self.headers}
        if (known := current()) is not None:  # lines of the log are of one request then
            own["x-request-id"] = known.request_id
        if self.body:
            own["content-type"] = self.media_type
        return {
            **{member: request.scope[member] for member in _OF_THE_CONNECTION if member in request.scope},
            "method": self.method,
            "path": self.path,
            "raw_path": quote(self.path).encode(),
            "query_string": urlencode(self.query).encode(),
            "headers": [*kept, *((name.encode(), value.encode()) for name, value in own.items())],
        }


class _Answer:
    """What comes of a request: its status, and its body, of which no more is kept than a tool may answer."""

    def __init__(self, on_piece: Piece | None) -> None:
        self.status, self.body, self.is_too_long = 0, bytearray(), False
        self._on_piece = on_piece

    async def send(self, message: Message) -> None:
        """Take a part of the answer."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            return
        piece: bytes = message.get("body", b"")
        if self._on_piece is not None and self.status < 400:
            await self._on_piece(piece)
        elif len(self.body) + len(piece) <= MAX_ANSWER_BYTES:
            self.body += piece
        else:
            self.is_too_long = True


async def ask(request: Request, own: OwnRequest, on_piece: Piece | None = None) -> Any:
    """Return the value of what the application answers, or hand it on as it comes. Raises `ToolFailed` for what is an error."""
    body: list[Message] = [{"type": "http.request", "body": own.body, "more_body": False}]
    answer = _Answer(on_piece)

    async def receive() -> Message:
        if not body:
            await request.receive()  # the agent has gone, and with it the one who asks
            return {"type": "http.disconnect"}
        return body.pop()

    await request.app(own.in_place_of(request), receive, answer.send)
    if answer.is_too_long:
        raise ToolFailed(
            {"detail": f"the answer has more than {MAX_ANSWER_BYTES:,} bytes: ask for fewer rows at a time"}
        )
    told = json.loads(answer.body) if answer.body else None
    if answer.status >= 400:
        raise ToolFailed(told or {"detail": f"the service answered {answer.status}"})
    return told


def _describe(problem: Mapping[str, Any]) -> list[str]:
    """Return what a problem document says, in lines: what is wrong, and where."""
    wrong = [describe_error(each["detail"], each["pointer"]) for each in problem.get("errors", ())]
    return wrong or [problem["detail"]]


def describe_error(detail: str, pointer: str) -> str:
    """Return what is wrong, and where that is in what was sent."""
    return f"{detail} (at {pointer})" if pointer else detail
