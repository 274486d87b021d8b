"""The fast path: the plain case of a prediction, answered without the web framework.

One row as JSON, for a model's default version, and nothing unusual about the request. Rows that arrive together are
predicted together (`MicroBatcher`).

Everything unusual or wrong goes to the ordinary route as it came. So options and errors have
one implementation, and this file may give up anywhere.
"""

import logging
import re

from pydantic import ValidationError
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.bootstrap import Services
from app.errors import ServiceError
from app.predict import MicroBatcher, OncePerMinute
from app.registry import EXAM_SCORE, NAME
from app.rest.request_body import MAX_SMALL_BODY_BYTES

log = logging.getLogger("scorecast.fast_path")
log.addFilter(OncePerMinute())

_PATH = re.compile(f"/models/({NAME.pattern})/predict")
_JSON = (b"content-type", b"application/json")
_UNUSUAL = frozenset({b"content-encoding", b"expect"})

MAX_MODELS = 64
"""The most models that have a batcher ready; the oldest batcher goes first."""


class FastPath:
    """An ASGI application that answers plain predictions, and passes everything else on to another application."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app = app
        self._registry = services.registry
        self._max_bytes = min(MAX_SMALL_BODY_BYTES, services.settings.max_body_bytes)
        self._batchers: dict[str, MicroBatcher] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or pass it on."""
        batcher = self._find_batcher(scope)
        if batcher is None:  # before the body is asked for: a client whose request is refused should not send it
            await self._app(scope, receive, send)
            return
        message = await receive()
        text = await self._predict(batcher, message)
        if text is None:
            await self._app(scope, _receive_again(message, receive), send)
            return
        headers = [(b"content-length", b"%d" % len(text)), _JSON]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": text})

    def _find_batcher(self, scope: Scope) -> MicroBatcher | None:
        """Return what predicts for a request, if its head is plain, and its model exists and is quick."""
        name = _find_model_name(scope, self._max_bytes)
        if name is None:
            return None
        batcher = self._batchers.get(name)
        if batcher is None or batcher.is_closed:
            self._batchers.pop(name, None)
            batcher = self._make_batcher(name)
        return batcher

    def _make_batcher(self, name: str) -> MicroBatcher | None:
        try:
            batcher = MicroBatcher.for_default(self._registry, name)
        except ServiceError:  # the ordinary route reports it
            return None
        except Exception:  # the ordinary route responds, but slowly: the mistake must be found
            log.exception("model %s cannot have the fast path; its requests take the ordinary route", name)
            return None
        if batcher is None:
            return None
        while len(self._batchers) >= MAX_MODELS:
            self._batchers.pop(next(iter(self._batchers)))
        self._batchers[name] = batcher
        return batcher

    async def _predict(self, batcher: MicroBatcher, message: Message) -> bytes | None:
        body = message.get("body", b"")
        if message.get("more_body", False) or not body:
            return None
        try:
            row = batcher.read(body)
        except ValidationError:
            return None
        return None if row is None else await batcher.predict(row)


def _find_model_name(scope: Scope, max_bytes: int) -> str | None:
    """Return the name of the model that a request is for, if its head is plain and its body small."""
    if scope["type"] != "http" or scope["method"] != "POST" or scope["query_string"] or scope.get("root_path"):
        return None
    headers: dict[bytes, bytes] = dict(scope["headers"])
    if (
        headers.get(b"content-type") != b"application/json"
        or b"csv" in headers.get(b"accept", b"")
        or not _UNUSUAL.isdisjoint(headers)
        or len(headers) < len(scope["headers"])
        or not 0 < int(headers.get(b"content-length", 0)) <= max_bytes
    ):
        return None
    path: str = scope["path"]
    if path == "/predict":
        return EXAM_SCORE
    found = _PATH.fullmatch(path)
    return found and found[1]


def _receive_again(message: Message, receive: Receive) -> Receive:
    """Return a `receive` that hands out a message once more."""
    messages: list[Message] = [message]

    async def receive_again() -> Message:
        return messages.pop() if messages else await receive()

    return receive_again
