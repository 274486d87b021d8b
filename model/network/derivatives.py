"""The backward pass of a network that sums as it goes: loss and gradient. Jacobians are `ensemble_pass`'s.

With D_l the slope of the loss by the values a_l of layer l, for all samples together:

    gradient  by W_l: [a_(l-1); 1] (D_l * g'(a_l))',    D_(l-1) = W_l (D_l * g'(a_l)).

That is the formula of `ensemble_pass` with one slope for each sample in place of one for each output, so a product
sums over the samples, and nothing of the Jacobian's size is held.

Inside, a column is a sample: arrays are (units, samples), so that one unit's values for all samples lie
side by side. Tables come in and outputs go out with a row a sample, as everywhere else.
"""

from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy import add, multiply

from model.arrays import FloatArray
from model.network.activations import Activation
from model.network.losses import LossFunction, squared_error
from model.network.network import Architecture, Layer, Network

dot = np.ndarray.dot
"""What `np.dot` does, without its search for other libraries' arrays: that takes longer than a small product."""


class Derivatives:
    """Forward and backward passes over one block of samples, in buffers that are allocated once.

    It reads `parameters` and `inputs` (samples, inputs) where they are, so the caller may change both in
    place between calls. What a call returns is a view of a buffer, overwritten by the next one; an
    instance belongs to one caller.
    """

    def __init__(self, architecture: Architecture, inputs: FloatArray, parameters: FloatArray) -> None:
        self.architecture = architecture
        self.inputs = inputs
        self.parameters = parameters
        self.gradient = np.zeros(architecture.parameter_count)
        self._layers: list[_LayerPass] = []
        values = inputs.T
        for layer, activation in zip(architecture.layers(self.parameters), architecture.activations, strict=True):
            self._layers.append(_LayerPass(layer, activation, values))
            values = self._layers[-1].values
        self._outputs = values.T

    def outputs(self) -> FloatArray:
        """Outputs (samples, outputs)."""
        for layer in self._layers:
            layer.forward()
        return self._outputs

    def loss_and_gradient(self, targets: FloatArray, loss: LossFunction = squared_error) -> tuple[float, FloatArray]:
        """Return the loss for targets (samples, outputs), and its gradient (parameters,)."""
        steps = self._steps
        value = loss(self.outputs(), targets, steps[0].across)
        for layer, delta, across, below, weights, bias in steps:
            layer.pull_back(delta, below)
            dot(layer.inputs, across, weights)
            if bias is not None:
                np.add.reduce(delta, 1, out=bias)
        return value, self.gradient

    @cached_property
    def _steps(self) -> list["_Step"]:
        """From the last layer to the first, with a delta for each."""
        deltas = [np.empty_like(layer.values) for layer in self._layers]
        slopes = self.architecture.layers(self.gradient)
        steps = zip(self._layers, deltas, [None, *deltas[:-1]], slopes, strict=True)
        return [_Step(layer, delta, delta.T, below, *slope) for layer, delta, below, slope in steps][::-1]


class _LayerPass:
    """One layer's share of the passes: (units, samples) of what goes in and what comes out."""

    def __init__(self, layer: Layer, activation: Activation, inputs: FloatArray) -> None:
        weights, bias = layer
        self.weights, self.transposed = weights, weights.T
        self.bias = None if bias is None else bias[:, None]
        self.function, self.slope = activation
        self.inputs = inputs
        self.values = np.empty((weights.shape[1], inputs.shape[1]))
        self.slopes = np.empty_like(self.values)

    def forward(self) -> None:
        values = self.values
        dot(self.transposed, self.inputs, values)
        if self.bias is not None:
            add(values, self.bias, values)
        self.function(values, values)

    def pull_back(self, delta: FloatArray, below: FloatArray | None) -> None:
        """Turn `delta`, the slope by the values, into that by the pre-activations; leave that by the inputs `below`."""
        if self.slope is not None:
            self.slope(self.values, self.slopes)
            multiply(delta, self.slopes, delta)
        if below is not None:
            dot(self.weights, delta, below)


class _Step(NamedTuple):
    """One layer of a backward pass: its delta (and transposed), the delta below, and where the slopes by weights and bias go."""

    layer: _LayerPass
    delta: FloatArray
    across: FloatArray
    below: FloatArray | None
    weights: FloatArray
    bias: FloatArray | None


def loss_and_gradient(
    network: Network, inputs: FloatArray, targets: FloatArray, loss: LossFunction = squared_error
) -> tuple[float, FloatArray]:
    """Return the loss of a network on a table, and its gradient (parameters,)."""
    return Derivatives(network.architecture, inputs, network.parameters).loss_and_gradient(targets, loss)
