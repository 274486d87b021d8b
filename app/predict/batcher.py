"""Micro-batching: single rows for the default version of a model that arrive together are predicted together.

One look into the store and one evaluation serve all rows that arrive in the same iteration of the event loop, and
while further rows arrive in each iteration. There is no timer: the first iteration that brings none ends the wait.
"""

import asyncio
import logging
from collections.abc import Sequence
from time import perf_counter
from typing import Any

import numpy as np
from pydantic import BaseModel

from app.budget import MAX_SMALL_OPERATIONS
from app.errors import ServiceError
from app.metrics import AnswerMetrics, Metrics, Outcome
from app.predict.answer_text_json import to_json_rows
from app.predict.answer_text_template import ResponseTemplate
from app.predict.log_filter import OncePerMinute
from app.predict.request import PredictRequest
from app.registry import ModelState, Registry
from app.tables import DEFAULT_COVERAGE, row_schema, rows_to_matrix, write_json
from model.checkpoint import Checkpoint
from model.predictors import Regressor

log = logging.getLogger("scorecast.batcher")
log.addFilter(OncePerMinute())

MAX_BATCH_ROWS = 64
"""The most rows of a batch: more would be kept waiting for each other."""


class MicroBatcher:
    """Batches for one version of a model, for as long as it is the default."""

    def __init__(
        self, registry: Registry, state: ModelState, checkpoint: Checkpoint[Any], metrics: AnswerMetrics
    ) -> None:
        self.is_closed = False
        """Whether another version may have become the default: then this predicts nothing more."""
        self._registry, self._state, self._checkpoint, self._metrics = registry, state, checkpoint, metrics
        predictor = checkpoint.predictor
        self._features = predictor.signature.features
        self._schema = row_schema(self._features)
        self._has_texts = any(column.is_category for column in self._features)
        self._head = {"model_name": state.name, "model_version": state.default_version}
        self.model_name, self.model_version = state.name, state.default_version
        has_intervals = isinstance(predictor, Regressor) and bool(predictor.has_spread.all())
        self._template = ResponseTemplate(self._head, self._checkpoint, DEFAULT_COVERAGE) if has_intervals else None
        self._waiting: list[tuple[BaseModel, asyncio.Future[bytes | None]]] = []
        self._began: list[float] = []
        """When each of those who wait began to, in seconds of the performance counter."""
        self._outcome: Outcome | None = None
        """What the last batch was answered."""

    @staticmethod
    def for_default(registry: Registry, name: str, metrics: Metrics) -> "MicroBatcher | None":
        """Return a batcher for a model's default version.

        None if a batch would hold up the event loop for too long, as reading its checkpoint would, or if an older version
        serves for a damaged one. Raises what `Registry.serving` raises.
        """
        state = registry.model(name)
        if not registry.is_in_memory(name):
            return None
        number, checkpoint = registry.serving(name)
        predictor = checkpoint.predictor
        is_quick = predictor.is_quick and MAX_BATCH_ROWS * predictor.operations_a_row <= MAX_SMALL_OPERATIONS
        is_fit = number == state.default_version and is_quick
        return MicroBatcher(registry, state, checkpoint, metrics.of_version(name, checkpoint)) if is_fit else None

    def read(self, body: bytes) -> BaseModel | None:
        """Return the row that a body is, unless it might be read in two ways. Raises `ValidationError`."""
        row = self._schema.model_validate_json(body)
        texts = sum(isinstance(value, str) for value in vars(row).values()) if self._has_texts else 0
        # Quotation marks enclose keys and texts. With more of them than there should be, a key occurs twice.
        is_plain = b"\\" not in body and body.count(b'"') == 2 * (len(row.model_fields_set) + texts)
        return row if is_plain else None

    def predict(self, row: BaseModel) -> asyncio.Future[bytes | None]:
        """Return the future response to a row, as JSON text; it is None where the ordinary route has to respond."""
        loop = asyncio.get_running_loop()
        if not self._waiting:
            loop.call_soon(self._run_unless_more, loop, 0)
        future: asyncio.Future[bytes | None] = loop.create_future()
        self._waiting.append((row, future))
        self._began.append(perf_counter())
        return future

    def _run_unless_more(self, loop: asyncio.AbstractEventLoop, before: int) -> None:
        """Run the batch once an iteration of the loop has brought no further row, or once the batch is full."""
        if before < len(self._waiting) < MAX_BATCH_ROWS:
            loop.call_soon(self._run_unless_more, loop, len(self._waiting))
        else:
            self._run()

    def _run(self) -> None:
        waiting, self._waiting = self._waiting, []
        began, self._began = self._began, []
        texts: Sequence[bytes | None] = [None] * len(waiting)
        try:
            texts = self._predict_batch([row for row, _ in waiting])
        except ServiceError:  # the ordinary route reports it, for each request
            self.is_closed = True
        except Exception:  # the ordinary route responds, but slowly: the mistake must be found
            log.exception("a batch of model %s, version %d failed; its rows go one by one", *self._head.values())
            self.is_closed = True
        for (_, future), text in zip(waiting, texts, strict=True):
            if not future.done():
                future.set_result(text)
        outcome, self._outcome = self._outcome, None
        if outcome is not None and texts[0] is not None:
            ended = perf_counter()
            self._metrics.record([ended - each for each in began], outcome)

    def _predict_batch(self, rows: list[BaseModel]) -> Sequence[bytes | None]:
        if self._registry.model(self._state.name) is not self._state:
            self.is_closed = True
            return [None] * len(rows)
        request = PredictRequest(rows_to_matrix(rows, self._features), DEFAULT_COVERAGE, note=self._note)
        return self._fill_template(request) or [
            write_json({**self._head, **body}) for body in to_json_rows(request, self._checkpoint)
        ]

    def _fill_template(self, request: PredictRequest) -> Sequence[bytes] | None:
        if self._template is None:
            return None
        with np.errstate(all="ignore"):  # the template looks for what is not finite
            outcome = self._checkpoint.predictor.predict(request.features, request.coverage)
            texts = self._template.fill(outcome)
        if texts is not None:
            self._note(outcome)
        return texts

    def _note(self, outcome: Outcome) -> None:
        self._outcome = outcome
