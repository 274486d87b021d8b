"""The fast lane: the plain case of a prediction, answered in front of the web framework.

One row as JSON, for a model's default version, and nothing unusual about the request. Rows that arrive together are
answered together (`desk`).

Whatever is unusual or wrong, the ordinary route gets the request as it came. So options and errors have
one implementation, and this file may give up anywhere.
"""

import re

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.bootstrap import EXAM_SCORE, Services
from app.declarations import NAME
from app.dependencies import SMALL_BODY
from app.desk import Desk

_PATH = re.compile(f"/models/({NAME.pattern})/predict")
_JSON = (b"content-type", b"application/json")
MOST_MODELS = 64


class FastLane:
    """An ASGI application that answers what is plain, and passes on everything else to another."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app = app
        self._registry = services.registry
        self._most_bytes = min(SMALL_BODY, services.settings.max_body_bytes)
        self._desks: dict[str, Desk] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or have it answered."""
        name = _model_asked(scope)
        if name is None:
            await self._app(scope, receive, send)
            return
        message = await receive()
        text = await self._answer(name, message)
        if text is None:
            await self._app(scope, _again(message, receive), send)
            return
        headers = [(b"content-length", b"%d" % len(text)), _JSON]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": text})

    async def _answer(self, name: str, message: Message) -> bytes | None:
        body = message.get("body", b"")
        if message.get("more_body", False) or not 0 < len(body) <= self._most_bytes:
            return None
        try:
            desk = self._desk(name)
            row = desk.read(body)
        except Exception:  # whatever it is: the ordinary route meets it again, and says so
            return None
        return None if row is None else await desk.answer(row)

    def _desk(self, name: str) -> Desk:
        desk = self._desks.get(name)
        if desk is None or desk.is_closed:
            while len(self._desks) >= MOST_MODELS:
                self._desks.pop(next(iter(self._desks)))
            desk = self._desks[name] = Desk(self._registry, name)
        return desk


def _model_asked(scope: Scope) -> str | None:
    """Return the name of the model that is asked to predict, if a request's head is plain."""
    if scope["type"] != "http" or scope["method"] != "POST" or scope["query_string"] or scope.get("root_path"):
        return None
    headers: dict[bytes, bytes] = dict(scope["headers"])
    if (
        headers.get(b"content-type") != b"application/json"
        or b"csv" in headers.get(b"accept", b"")
        or b"content-encoding" in headers
        or len(headers) < len(scope["headers"])
    ):
        return None
    path: str = scope["path"]
    if path == "/predict":
        return EXAM_SCORE
    found = _PATH.fullmatch(path)
    return found and found[1]


def _again(message: Message, receive: Receive) -> Receive:
    """Return a `receive` that hands out a message once more."""
    messages: list[Message] = [message]

    async def receive_again() -> Message:
        return messages.pop() if messages else await receive()

    return receive_again
