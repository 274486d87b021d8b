"""The fast lane: the plain case of a prediction, answered in front of the web framework.

One row as JSON, for a model's default version, and nothing unusual about the request. Rows that arrive in
the same turn of the event loop are answered together: one look into the store, one evaluation.

Whatever is unusual or wrong, the ordinary route gets the request as it came. So options and errors have
one implementation, and this file may give up anywhere.
"""

import asyncio
import re
from collections.abc import Sequence

from pydantic import BaseModel
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.answer_text import AnswerText
from app.bootstrap import EXAM_SCORE, Services
from app.declarations import NAME
from app.dependencies import SMALL_BODY
from app.json_text import write
from app.predictions import answered, answers
from app.questions import Question
from app.registry import Registry
from app.rows import matrix_of_rows
from app.schemas import DEFAULT_COVERAGE, row_model

_PATH = re.compile(f"/models/({NAME.pattern})/predict")
_JSON = (b"content-type", b"application/json")
MOST_MODELS = 64
MOST_ROWS = 64
"""Answered together: more would be kept waiting for each other."""


class FastLane:
    """An ASGI application that answers what is plain, and passes on everything else to another."""

    def __init__(self, app: ASGIApp, services: Services) -> None:
        self._app = app
        self._registry = services.registry
        self._most_bytes = min(SMALL_BODY, services.settings.max_body_bytes)
        self._desks: dict[str, _Desk] = {}

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
        except Exception:
            return None
        return None if row is None else await desk.answer(row)

    def _desk(self, name: str) -> "_Desk":
        desk = self._desks.get(name)
        if desk is None or desk.is_closed:
            while len(self._desks) >= MOST_MODELS:
                self._desks.pop(next(iter(self._desks)))
            desk = self._desks[name] = _Desk(self._registry, name)
        return desk


class _Desk:
    """Where the rows for one version wait for the end of this turn of the event loop."""

    def __init__(self, registry: Registry, name: str) -> None:
        self.is_closed = False
        self._registry, self._name = registry, name
        self._number, self._checkpoint = registry.serving(name)
        self._features = self._checkpoint.predictor.signature.features
        self._schema = row_model(self._features)
        self._head = {"model_name": name, "model_version": self._number}
        is_number = not self._checkpoint.predictor.signature.is_classification
        self._numbers = AnswerText(self._head, self._checkpoint, DEFAULT_COVERAGE) if is_number else None
        self._waiting: list[tuple[BaseModel, asyncio.Future[bytes | None]]] = []

    def read(self, body: bytes) -> BaseModel | None:
        """Return the row that a body is, unless it might be read in two ways. Raises `ValidationError`."""
        row = self._schema.model_validate_json(body)
        texts = sum(isinstance(value, str) for value in vars(row).values())
        # Quotation marks enclose keys and texts. With more of them than there should be, a key occurs twice.
        is_plain = b"\\" not in body and body.count(b'"') == 2 * (len(row.model_fields_set) + texts)
        return row if is_plain else None

    async def answer(self, row: BaseModel) -> bytes | None:
        """Return the answer to a row as JSON text, or None if it is not for this desk to answer."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._answer_unless_more, loop, 0)
        future: asyncio.Future[bytes | None] = loop.create_future()
        self._waiting.append((row, future))
        return await future

    def _answer_unless_more(self, loop: asyncio.AbstractEventLoop, before: int) -> None:
        """Answer as soon as a turn of the loop has brought no further row: while they come, it has not been idle."""
        if before < len(self._waiting) < MOST_ROWS:
            loop.call_soon(self._answer_unless_more, loop, len(self._waiting))
        else:
            self._answer_all()

    def _answer_all(self) -> None:
        waiting, self._waiting = self._waiting, []
        texts: Sequence[bytes | None]
        try:
            texts = self._texts([row for row, _ in waiting])
        except Exception:
            texts = [None] * len(waiting)
        for (_, future), text in zip(waiting, texts, strict=True):
            if not future.done():
                future.set_result(text)

    def _texts(self, rows: list[BaseModel]) -> Sequence[bytes | None]:
        number, checkpoint = self._registry.serving(self._name)
        if checkpoint is not self._checkpoint or number != self._number:
            self.is_closed = True
            return [None] * len(rows)
        question = Question(matrix_of_rows(rows, self._features), DEFAULT_COVERAGE)
        texts = self._numbers and self._numbers.of(answered(question, checkpoint.predictor))
        return texts or [write({**self._head, **told}) for told in answers(question, checkpoint)]


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
