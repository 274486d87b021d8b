"""A classifier answers with a category and the probability of each: the counterpart of a predictor of numbers."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from model.activations import FloatArray
from model.domain import Domain
from model.encoding import Encoding
from model.lanes import as_rows, filled, in_lanes
from model.network import Ensemble
from model.predictor import BoolArray, Prediction
from model.signature import Signature

BLOCKS = 1024
"""Row blocks at a time, so that memory is bounded."""


@dataclass(frozen=True, eq=False)
class Classifier:
    """Networks of one architecture, whose probabilities are averaged. Threads may share it."""

    signature: Signature
    ensemble: Ensemble
    encoding: Encoding
    temperature: FloatArray
    """(1,): what logits are divided by, so that probabilities come true as often as they say."""
    domain: Domain

    def predict(self, features: FloatArray, coverage: float | None = None) -> Prediction:  # noqa: ARG002
        """Answer for features (rows, features). A category has no interval, so `coverage` is of no consequence."""
        parts = [self._probabilities(inputs) for inputs in self._blocks(features)]
        probabilities = as_rows(parts, len(features))
        best = probabilities.argmax(axis=1).astype(np.float64)[:, None]
        return Prediction(best, None, None, self.domain.lacks(features), probabilities)

    @cached_property
    def has_spread(self) -> BoolArray:
        """No target has an interval."""
        return np.zeros(1, dtype=np.bool_)

    def _blocks(self, features: FloatArray) -> Iterator[FloatArray]:
        blocks = in_lanes(self.encoding.apply(filled(features)))
        for start in range(0, max(len(blocks), 1), BLOCKS):
            yield blocks[start : start + BLOCKS]

    def _probabilities(self, inputs: FloatArray) -> FloatArray:
        """Average over the members: (blocks, categories, LANES)."""
        logits = self.ensemble.values(inputs)[-1] / self.temperature
        return np.asarray(np.add.reduce(softmax(logits, axis=-2), axis=1) / len(self.ensemble.parameters))


def softmax(logits: FloatArray, axis: int) -> FloatArray:
    """Return the probabilities that logits stand for."""
    raised = np.exp(logits - logits.max(axis=axis, keepdims=True))
    return np.asarray(raised / np.add.reduce(raised, axis=axis, keepdims=True))
