"""The backward pass of many networks of one shape side by side: outputs and Jacobian of each on samples of its own.

For few samples a call of NumPy takes longer than its work: side by side, one call does the work of all networks.
Unlike in `derivatives`, a row is a sample here: there are fewer samples than parameters, and the innermost axis should be
long. Where there are biases, a one beside each layer's values has the products add them.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from model.arrays import FloatArray, IntArray
from model.network.activations import Activation
from model.network.network import Architecture


class StackedDerivatives:
    """Forward and backward passes of `networks` networks, in buffers that are allocated once.

    `features` (networks, samples, inputs), or (1, samples, inputs) where all look at the same samples. What
    `outputs` returns is a view of a buffer, overwritten by the next call; an instance belongs to one caller.
    """

    def __init__(self, architecture: Architecture, features: FloatArray, networks: int) -> None:
        self._architecture = architecture
        self._features = features
        self._parameters = np.zeros((networks, architecture.parameter_count))
        sizes = zip((len(features), *[networks] * len(architecture.blocks)), architecture.layer_sizes, strict=True)
        self._buffers = [np.ones((lead, features.shape[1], units + architecture.bias)) for lead, units in sizes]
        self._buffers[0][:, :, : features.shape[2]] = features

    def outputs(self, parameters: FloatArray) -> FloatArray:
        """Outputs (networks, samples, outputs) for parameters (networks, parameters), which must stay as they are."""
        self._parameters = parameters
        for layer in self._layers():
            np.matmul(layer.below, layer.weights, out=layer.values)
            layer.activation.function(layer.values, layer.values)
        return self._buffers[-1][:, :, : self._architecture.layer_sizes[-1]]

    def jacobian(self, which: IntArray | slice, root_weights: FloatArray | None, out: FloatArray) -> None:
        """Fill in the slopes of the last outputs of networks `which` by each parameter: (those, outputs, samples, parameters).

        `root_weights` (those, outputs, samples) multiply them; None: they are 1.
        """
        networks, outputs, samples, end = out.shape
        delta = np.zeros((networks, outputs, samples, outputs))
        np.einsum("nksk->nks", delta)[:] = 1.0 if root_weights is None else root_weights
        for layer in [*self._layers()][::-1]:
            rows, units = layer.weights.shape[1:]
            if layer.activation.slope is not None:
                values = layer.values[which]
                slopes = np.empty_like(values)
                layer.activation.slope(values, slopes)
                delta *= slopes[:, None]
            below = layer.below if len(layer.below) == 1 else layer.below[which]
            start = end - rows * units
            block = out[..., start:end].reshape(networks, outputs, samples, rows, units)
            np.multiply(below[:, None, :, :, None], delta[..., None, :], out=block)
            if start:
                weights = layer.weights[which, : rows - self._architecture.bias].swapaxes(1, 2)
                flat = np.matmul(delta.reshape(networks, -1, units), weights)
                delta = flat.reshape(networks, outputs, samples, -1)
            end = start

    def take(self, which: IntArray) -> "StackedDerivatives":
        """Return the passes of these networks alone."""
        is_shared = len(self._features) == 1
        return StackedDerivatives(
            self._architecture, self._features if is_shared else self._features[which], len(which)
        )

    def _layers(self) -> Iterator["_Layer"]:
        start = 0
        blocks = zip(self._architecture.blocks, self._architecture.activations, strict=True)
        for number, ((rows, units), activation) in enumerate(blocks):
            weights = self._parameters[:, start : start + rows * units].reshape(-1, rows, units)
            start += rows * units
            yield _Layer(weights, self._buffers[number], self._buffers[number + 1][:, :, :units], activation)


class _Layer(NamedTuple):
    """One layer of all networks."""

    weights: FloatArray
    """(networks, fan-in and one more for the bias, units)."""
    below: FloatArray
    """(networks or 1, samples, as many): what it reads."""
    values: FloatArray
    """(networks, samples, units): what comes out."""
    activation: Activation
