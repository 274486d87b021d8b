"""The text of single rows' answers, written at once: what all answers of a version have in common, with places for the rest.

It is what `write` makes of `answer`, byte for byte, for the one kind of answer that a service gives a
thousand times a second: numbers, with intervals that are known.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from pydantic_core import to_json

from app.predict.response import outside, warnings
from app.tables import write
from model.arrays import FloatArray
from model.checkpoint import Checkpoint
from model.predictors import Prediction, Predictor


class AnswerText:
    """The answers of one version to rows that are asked one at a time, with intervals of one coverage."""

    def __init__(self, head: Mapping[str, Any], checkpoint: Checkpoint[Predictor], coverage: float) -> None:
        self._signature = checkpoint.predictor.signature
        names = [_verbatim(to_json(column.name)) for column in self._signature.targets]
        means = b",".join(b"%b:%%b" % name for name in names)
        bounds = b",".join(b'%b:{"lower":%%b,"upper":%%b}' % name for name in names)
        tail = _verbatim(to_json(list(warnings(checkpoint))))
        self._pattern = b'%b,"prediction":{%b},"interval":{%b},"coverage":%b,"extrapolated":%%b,"warnings":%b}' % (
            _verbatim(write(head)[:-1]), means, bounds, to_json(coverage), tail,
        )  # fmt: skip

    def of(self, prediction: Prediction) -> list[bytes] | None:
        """Return each row's answer, or None if there is not a number for every place."""
        mean, lower, upper = prediction.mean, prediction.lower, prediction.upper
        if lower is None or upper is None:
            return None
        targets = mean.shape[1]
        numbers = np.empty((len(mean), 3 * targets))
        numbers[:, :targets], numbers[:, targets::2], numbers[:, targets + 1 :: 2] = mean, lower, upper
        if not np.isfinite(numbers).all():
            return None
        rows = zip(_texts(numbers), outside(prediction.extrapolated, self._signature), strict=True)
        return [self._pattern % (*row, to_json(names) if names else b"[]") for row, names in rows]


def _texts(numbers: FloatArray) -> list[list[bytes]]:
    """Return a matrix as the text of its numbers."""
    width = numbers.shape[1]
    texts = to_json(numbers.ravel().tolist())[1:-1].split(b",")
    return [texts[start : start + width] for start in range(0, len(texts), width)]


def _verbatim(text: bytes) -> bytes:
    """Return what a pattern has to hold for this text to stand in the answer."""
    return text.replace(b"%", b"%%")
