"""The backward pass of a network: loss and gradient, outputs and Jacobian.

Inside, a column is a sample: arrays are (units, samples), so that one unit's values for all samples lie
side by side. In that order a Jacobian is filled and summed fastest. Tables come in and outputs go out
with a row a sample, as everywhere else.
"""

from collections.abc import Callable
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

    def set_inputs(self, inputs: FloatArray) -> None:
        """Take other inputs, as many samples, from the next call on."""
        self.inputs = inputs
        self._layers[0].inputs = inputs.T

    def outputs(self) -> FloatArray:
        """Outputs (samples, outputs)."""
        for layer in self._layers:
            layer.forward()
        return self._outputs

    def loss_and_gradient(self, targets: FloatArray, loss: LossFunction = squared_error) -> tuple[float, FloatArray]:
        """Return the loss for targets (samples, outputs), and its gradient (parameters,)."""
        steps = self._gradient_steps
        value = loss(self.outputs(), targets, steps[0].across)
        for layer, delta, across, below, weights, bias in steps:
            layer.pull_back(delta, below, dot)
            dot(layer.inputs, across, weights)
            if bias is not None:
                np.add.reduce(delta, 1, out=bias)
        return value, self.gradient

    def outputs_and_jacobian(self) -> tuple[FloatArray, FloatArray]:
        """Outputs (samples, outputs), and the Jacobian (outputs, parameters, samples): their slope by each parameter."""
        return self.outputs(), self._jacobian()[:, :-1]

    def residual_jacobian(self, targets: FloatArray) -> FloatArray:
        """Return the Jacobian with the residuals, outputs - targets, as one more row: (outputs, parameters + 1, samples).

        So one symmetric product gives all that a least-squares step needs.
        """
        outputs = self.outputs()
        jacobian = self._jacobian()
        np.subtract(outputs.T, targets.T, jacobian[:, -1])
        return jacobian

    def _jacobian(self) -> FloatArray:
        jacobian, steps = self._jacobian_steps
        steps[0].delta[:] = self._unit_deltas
        for layer, delta, _, below, weights, bias in steps:
            layer.pull_back(delta, below, np.matmul)
            slopes = delta.swapaxes(0, 1)
            np.multiply(layer.inputs[:, None, None], slopes, weights)
            if bias is not None:
                np.copyto(bias, slopes)
        return jacobian

    @cached_property
    def _unit_deltas(self) -> FloatArray:
        return np.eye(self.architecture.layer_sizes[-1])[:, :, None]

    @cached_property
    def _gradient_steps(self) -> list["_Step"]:
        return self._steps((), self.architecture.layers(self.gradient))

    @cached_property
    def _jacobian_steps(self) -> tuple[FloatArray, list["_Step"]]:
        samples, outputs = self._outputs.shape
        jacobian = np.empty((outputs, self.architecture.parameter_count + 1, samples))
        return jacobian, self._steps((outputs,), self.architecture.layers(jacobian.swapaxes(0, 1)))

    def _steps(self, lead: tuple[int, ...], slopes: tuple[Layer, ...]) -> list["_Step"]:
        """From the last layer to the first, with a delta for each; a leading axis holds several deltas at once."""
        deltas = [np.empty(lead + layer.values.shape) for layer in self._layers]
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

    def pull_back(self, delta: FloatArray, below: FloatArray | None, product: Callable[..., object]) -> None:
        """Turn `delta`, the slope by the values, into that by the pre-activations; leave that by the inputs `below`."""
        if self.slope is not None:
            self.slope(self.values, self.slopes)
            multiply(delta, self.slopes, delta)
        if below is not None:
            product(self.weights, delta, below)


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


def outputs_and_jacobian(network: Network, inputs: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return a network's outputs (samples, outputs), and its Jacobian (outputs, parameters, samples)."""
    return Derivatives(network.architecture, inputs, network.parameters).outputs_and_jacobian()
