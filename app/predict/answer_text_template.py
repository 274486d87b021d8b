"""The text of answers to single rows, as JSON from a template: what all answers of a version share, with places for the rest.

Byte for byte it is what `write_json` makes of `to_json`, for the one kind of response that a service gives
thousands of times a second: numbers, with known intervals.
"""

from collections.abc import Mapping
from itertools import compress
from typing import Any

import numpy as np
from pydantic_core import to_json

from app.predict.answer_text_json import find_warnings
from app.tables import write_json
from model.arrays import FloatArray
from model.checkpoint import Checkpoint
from model.predictors import Prediction, Regressor


class ResponseTemplate:
    """The responses of one version to requests of a single row each, with intervals of one coverage."""

    def __init__(self, head: Mapping[str, Any], checkpoint: Checkpoint[Regressor], coverage: float) -> None:
        signature = checkpoint.predictor.signature
        self._features = [to_json(column.name) for column in signature.features]
        names = [_escape(to_json(column.name)) for column in signature.targets]
        means = b",".join(b"%b:%%b" % name for name in names)
        bounds = b",".join(b'%b:{"lower":%%b,"upper":%%b}' % name for name in names)
        tail = _escape(to_json(list(find_warnings(checkpoint))))
        self._template = b'%b,"prediction":{%b},"interval":{%b},"coverage":%b,"extrapolated":%%b,"warnings":%b}' % (
            _escape(write_json(head)[:-1]), means, bounds, to_json(coverage), tail,
        )  # fmt: skip

    def fill(self, prediction: Prediction) -> list[bytes] | None:
        """Return the text for each row, or None if a place has no finite number."""
        mean, lower, upper = prediction.mean, prediction.lower, prediction.upper
        if lower is None or upper is None:
            return None
        targets = mean.shape[1]
        numbers = np.empty((len(mean), 3 * targets))
        numbers[:, :targets], numbers[:, targets::2], numbers[:, targets + 1 :: 2] = mean, lower, upper
        if not np.isfinite(numbers).all():
            return None
        rows = zip(_format_rows(numbers), prediction.extrapolated.tolist(), strict=True)
        return [
            self._template % (*row, b"[%b]" % b",".join(compress(self._features, outside))) for row, outside in rows
        ]


def _format_rows(numbers: FloatArray) -> list[list[bytes]]:
    """Return the numbers of a matrix as text, row by row."""
    width = numbers.shape[1]
    texts = to_json(numbers.ravel().tolist())[1:-1].split(b",")
    return [texts[start : start + width] for start in range(0, len(texts), width)]


def _escape(text: bytes) -> bytes:
    """Return a text with its percent signs doubled, as %-formatting wants it."""
    return text.replace(b"%", b"%%")
