"""The fast lane: the plain case of a prediction, answered in front of the web framework.

One row as JSON, for a model's default version, and nothing unusual about the request. Rows that arrive together are
answered together (`desk`).

Whatever is unusual or wrong, the ordinary route gets the request as it came. So options and errors have
one implementation, and this file may give up anywhere.
"""

import re

from pydantic import ValidationError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.bootstrap import Services
from app.predict import Desk
from app.registry import EXAM_SCORE, NAME
from app.rest.request_body import SMALL_BODY

_PATH = re.compile(f"/models/({NAME.pattern})/predict")
_JSON = (b"content-type", b"application/json")
_UNUSUAL = frozenset({b"content-encoding", b"expect"})
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
        desk = self._desk(scope)
        if desk is None:  # before the body is asked for: whoever waits to be refused must not be let send it
            await self._app(scope, receive, send)
            return
        message = await receive()
        text = await self._answer(desk, message)
        if text is None:
            await self._app(scope, _again(message, receive), send)
            return
        headers = [(b"content-length", b"%d" % len(text)), _JSON]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": text})

    def _desk(self, scope: Scope) -> Desk | None:
        """Return where a request is answered, if its head is plain, and it asks for a model that there is."""
        name = _model_asked(scope, self._most_bytes)
        if name is None:
            return None
        desk = self._desks.get(name)
        if desk is None or desk.is_closed:
            self._desks.pop(name, None)
            while len(self._desks) >= MOST_MODELS:
                self._desks.pop(next(iter(self._desks)))
            try:
                desk = self._desks[name] = Desk(self._registry, name)
            except Exception:  # whatever it is: the ordinary route meets it again, and says so
                return None
        return desk

    async def _answer(self, desk: Desk, message: Message) -> bytes | None:
        body = message.get("body", b"")
        if message.get("more_body", False) or not body:
            return None
        try:
            row = desk.read(body)
        except ValidationError:
            return None
        return None if row is None else await desk.answer(row)


def _model_asked(scope: Scope, most_bytes: int) -> str | None:
    """Return the name of the model that is asked to predict, if a request's head is plain and its body small."""
    if scope["type"] != "http" or scope["method"] != "POST" or scope["query_string"] or scope.get("root_path"):
        return None
    headers: dict[bytes, bytes] = dict(scope["headers"])
    if (
        headers.get(b"content-type") != b"application/json"
        or b"csv" in headers.get(b"accept", b"")
        or not _UNUSUAL.isdisjoint(headers)
        or len(headers) < len(scope["headers"])
        or not 0 < int(headers.get(b"content-length", 0)) <= most_bytes
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
