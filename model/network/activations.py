"""Activations: the functions that make a network more than a matrix product.

Each is a pair: the function, and its slope written in terms of the function's own value, so that
the backward pass needs only what the forward pass left behind. Both write into `out`.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

# By name: looking them up in numpy each time would take a tenth of what they do with a small array.
from numpy import add, copyto, greater, maximum, multiply, subtract, tanh

from model.arrays import FloatArray

# Zero-dimensional arrays: a Python number would be converted anew in every call.
ZERO, HALF, ONE = np.array(0.0), np.array(0.5), np.array(1.0)


class Activation(NamedTuple):
    """A function and its slope, of arrays of any shape."""

    function: Callable[[FloatArray, FloatArray], object]
    """(pre-activations, out): may be called with `out` the same array."""
    slope: Callable[[FloatArray, FloatArray], object] | None
    """(the function's values, out): the derivative where the function had these values. None: it is 1 everywhere."""


def _identity(values: FloatArray, out: FloatArray) -> None:
    if out is not values:
        copyto(out, values)


def _sigmoid(values: FloatArray, out: FloatArray) -> None:
    # 1 / (1 + exp(-v)) written with tanh, which neither overflows nor warns.
    multiply(values, HALF, out)
    tanh(out, out)
    add(out, ONE, out)
    multiply(out, HALF, out)


def _sigmoid_slope(sigmoid: FloatArray, out: FloatArray) -> None:
    subtract(ONE, sigmoid, out)
    multiply(out, sigmoid, out)


def _tanh_slope(values: FloatArray, out: FloatArray) -> None:
    multiply(values, values, out)
    subtract(ONE, out, out)


def _relu(values: FloatArray, out: FloatArray) -> None:
    maximum(values, ZERO, out=out)


def _relu_slope(relu: FloatArray, out: FloatArray) -> None:
    greater(relu, ZERO, out, casting="unsafe")


ACTIVATIONS: dict[str, Activation] = {
    "identity": Activation(_identity, None),
    "relu": Activation(_relu, _relu_slope),
    "sigmoid": Activation(_sigmoid, _sigmoid_slope),
    "tanh": Activation(tanh, _tanh_slope),
}
