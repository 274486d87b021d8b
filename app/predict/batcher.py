"""A desk is where rows for one version of a model wait, and are answered together.

One look into the store and one evaluation serve all that arrive in the same turn of the event loop, and
while further rows arrive in each turn. There is no timer: as soon as a turn brings none, they are answered.
"""

import asyncio
from collections.abc import Sequence

from pydantic import BaseModel

from app.predict.request import Question
from app.predict.response import answered, answers
from app.predict.template import AnswerText
from app.registry import Registry
from app.tables import DEFAULT_COVERAGE, matrix_of_rows, row_model, write
from model.predictors import Predictor

MOST_ROWS = 64
"""Answered together: more would be kept waiting for each other."""


class TooDear(Exception):
    """One evaluation of many rows would keep everybody else waiting."""


class Desk:
    """For the version that is the model's default as it opens. Raises what `Registry.serving` raises, and `TooDear`."""

    def __init__(self, registry: Registry, name: str) -> None:
        self.is_closed = False
        """Whether another version may have become the default: then nothing more is answered here."""
        self._registry, self._name = registry, name
        self._number, self._checkpoint = registry.serving(name)
        self._features = self._checkpoint.predictor.signature.features
        self._schema = row_model(self._features)
        self._has_texts = any(column.is_category for column in self._features)
        self._head = {"model_name": name, "model_version": self._number}
        predictor = self._checkpoint.predictor
        if not predictor.is_quick:
            raise TooDear(name)
        is_numbers = isinstance(predictor, Predictor) and bool(predictor.has_spread.all())
        self._numbers = AnswerText(self._head, self._checkpoint, DEFAULT_COVERAGE) if is_numbers else None
        self._waiting: list[tuple[BaseModel, asyncio.Future[bytes | None]]] = []

    def read(self, body: bytes) -> BaseModel | None:
        """Return the row that a body is, unless it might be read in two ways. Raises `ValidationError`."""
        row = self._schema.model_validate_json(body)
        texts = sum(isinstance(value, str) for value in vars(row).values()) if self._has_texts else 0
        # Quotation marks enclose keys and texts. With more of them than there should be, a key occurs twice.
        is_plain = b"\\" not in body and body.count(b'"') == 2 * (len(row.model_fields_set) + texts)
        return row if is_plain else None

    def answer(self, row: BaseModel) -> asyncio.Future[bytes | None]:
        """Return what will be the answer to a row as JSON text, or None if it is not for this desk to answer."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._answer_unless_more, loop, 0)
        future: asyncio.Future[bytes | None] = loop.create_future()
        self._waiting.append((row, future))
        return future

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
        except Exception:  # whatever it is: the ordinary route meets it again, and says so
            texts, self.is_closed = [None] * len(waiting), True
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
