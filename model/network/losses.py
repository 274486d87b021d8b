"""Losses: how far a network's outputs are from the targets, each with its slope by the outputs."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from model.arrays import FloatArray

LossFunction = Callable[[FloatArray, FloatArray, FloatArray], float]
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
    target_outputs = float(np.vdot(targets, error))
    np.exp(error, error)
    total = error.sum(axis=1, keepdims=True)
    np.divide(error, total, error)
    np.subtract(error, targets, error)
    return float(np.log(total).sum()) - target_outputs


def softmax(outputs: FloatArray) -> FloatArray:
    """Probabilities (..., classes) for outputs (..., classes)."""
    exponentials = np.exp(outputs - outputs.max(axis=-1, keepdims=True))
    return np.asarray(exponentials / exponentials.sum(axis=-1, keepdims=True))


class Loss(NamedTuple):
    """A loss, and what brings its sum over (samples, outputs) to the mean that is reported."""

    function: LossFunction
    mean_factor: Callable[[int, int], float]

    def for_shape(self, shape: tuple[int, ...]) -> tuple[LossFunction, float]:
        """Return the function, and the factor to the mean for targets (samples, outputs) of this shape."""
        samples, outputs = shape
        return self.function, self.mean_factor(samples, outputs)


LOSSES: dict[str, Loss] = {
    "squared_error": Loss(squared_error, lambda samples, outputs: 2.0 / (samples * outputs)),
    "cross_entropy": Loss(cross_entropy, lambda samples, _: 1.0 / samples),
}
