"""Losses: by what a network's outputs are judged, each with its slope by the outputs."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from model.arrays import FloatArray

Loss = Callable[[FloatArray, FloatArray, FloatArray], float]
"""(outputs, targets, error): returns the loss, summed over the samples, and leaves its slope by the outputs in `error`."""


def squared_error(outputs: FloatArray, targets: FloatArray, error: FloatArray) -> float:
    """Half the summed squared error; its slope is outputs - targets."""
    np.subtract(outputs, targets, error)
    flat = error.ravel("K")
    return 0.5 * float(flat.dot(flat))


def cross_entropy(outputs: FloatArray, targets: FloatArray, error: FloatArray) -> float:
    """Cross-entropy, in nats, of the targets (samples, classes; one 1 a row) under softmax(outputs).

    Its slope by the outputs is softmax(outputs) - targets (Bridle 1990).
    """
    np.subtract(outputs, outputs.max(axis=1, keepdims=True), error)
    spent = float(np.vdot(targets, error))
    np.exp(error, error)
    total = error.sum(axis=1, keepdims=True)
    np.divide(error, total, error)
    np.subtract(error, targets, error)
    return float(np.log(total).sum()) - spent


def softmax(outputs: FloatArray) -> FloatArray:
    """Probabilities (..., classes) for outputs (..., classes)."""
    raised = np.exp(outputs - outputs.max(axis=-1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=-1, keepdims=True))


class Judgement(NamedTuple):
    """A loss, and what brings its sum over (samples, outputs) to the mean that is reported."""

    loss: Loss
    to_mean: Callable[[int, int], float]

    def over(self, shape: tuple[int, ...]) -> tuple[Loss, float]:
        """Return the loss, and its factor for a table of targets of this shape."""
        samples, outputs = shape
        return self.loss, self.to_mean(samples, outputs)


LOSSES: dict[str, Judgement] = {
    "squared_error": Judgement(squared_error, lambda samples, outputs: 2.0 / (samples * outputs)),
    "cross_entropy": Judgement(cross_entropy, lambda samples, _: 1.0 / samples),
}
