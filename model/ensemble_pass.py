"""Passes over an ensemble: what all its networks answer at once, and their Jacobian, in buffers that are allocated once.

As in `derivatives`, a column is a sample, so that one unit's values for all samples lie side by side.
"""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy import add, copyto, matmul, multiply

from model.activations import Activation, FloatArray
from model.lanes import LANES, in_lanes
from model.network import Ensemble


class EnsemblePass:
    """Forward and backward passes over a fixed number of samples.

    The caller fills `inputs` (1, inputs, samples). What a call returns is a view of a buffer, overwritten by
    the next one; an instance belongs to one caller.

    Matrix products take `lanes` samples at a time. Products of different sizes round differently: with
    lanes of one size, what is said about a sample does not depend, to the last bit, on how many others
    are beside it.
    """

    def __init__(self, ensemble: Ensemble, samples: int, lanes: int = LANES) -> None:
        architecture = ensemble.architecture
        self._architecture, self._lanes = architecture, lanes
        self.members = len(ensemble.parameters)
        self.inputs = np.zeros((1, architecture.layer_sizes[0], samples))
        self._layers: list[_LayerPass] = []
        below = self.inputs
        for (weights, bias), activation in zip(ensemble.layers, architecture.activations, strict=True):
            above = np.empty((self.members, weights.shape[-1], samples))
            self._layers.append(_LayerPass(weights, bias, activation, below, above, lanes))
            below = above

    def outputs(self) -> FloatArray:
        """Outputs (members, outputs, samples)."""
        for layer in self._layers:
            layer.forward()
        return self._layers[-1].values

    def outputs_and_jacobian(self) -> tuple[FloatArray, FloatArray]:
        """Outputs, and the Jacobian (members, outputs, parameters, samples): their slope by each parameter."""
        jacobian, steps = self._backward
        outputs = self.outputs()
        copyto(steps[0].delta, self._unit_deltas)
        for step in steps:
            step.pull_back()
        return outputs, jacobian

    @cached_property
    def _unit_deltas(self) -> FloatArray:
        return np.eye(self._architecture.layer_sizes[-1])[:, :, None]

    @cached_property
    def _backward(self) -> tuple[FloatArray, Sequence["_BackwardStep"]]:
        """The Jacobian, and what fills it from the last layer to the first."""
        sizes, samples = self._architecture.layer_sizes, self.inputs.shape[-1]
        lead = (self.members, sizes[-1])
        jacobian = np.empty((*lead, self._architecture.parameter_count, samples))
        slopes = self._architecture.layers(np.moveaxis(jacobian, 2, 0))
        steps: list[_BackwardStep] = []
        below: FloatArray | None = None
        for layer, (by_weights, by_bias) in zip(self._layers, slopes, strict=True):
            # The slope by a bias is that by the pre-activation: so the deltas stand in the Jacobian itself.
            units = layer.values.shape[-2]
            delta = np.empty((*lead, units, samples)) if by_bias is None else np.moveaxis(by_bias, 0, 2)
            steps.append(_BackwardStep(layer, delta, below, np.moveaxis(by_weights, (0, 1), (2, 3)), self._lanes))
            below = delta
        return jacobian, steps[::-1]


class _LayerPass:
    """One layer's forward pass."""

    def __init__(  # noqa: PLR0913, PLR0917 - a layer, and where it reads and writes
        self,
        weights: FloatArray,
        bias: FloatArray | None,
        activation: Activation,
        inputs: FloatArray,
        values: FloatArray,
        lanes: int,
    ) -> None:
        self.weights, self.bias = weights, bias
        self.function, self.slope = activation
        self.inputs, self.values = inputs, values
        self._product = (weights.swapaxes(-1, -2), in_lanes(inputs, lanes), in_lanes(values, lanes))

    def forward(self) -> None:
        matmul(*self._product)
        values = self.values
        if self.bias is not None:
            add(values, self.bias, values)
        self.function(values, values)


class _BackwardStep:
    """One layer's backward pass: from `delta` (members, outputs, units, samples), the slope by its values."""

    def __init__(
        self, layer: _LayerPass, delta: FloatArray, below: FloatArray | None, by_weights: FloatArray, lanes: int
    ) -> None:
        self.delta = delta
        self._slope = layer.slope
        self._values, self._slopes = layer.values, np.empty_like(layer.values)
        self._of_outputs = self._slopes[:, None]
        self._weighed = (layer.inputs[:, None, :, None], delta[:, :, None], by_weights)
        self._product = below is not None and (layer.weights[:, None], in_lanes(delta, lanes), in_lanes(below, lanes))

    def pull_back(self) -> None:
        """Turn `delta` into the slope by the pre-activations, and leave that by the weights and by the layer below."""
        if self._slope is not None:
            self._slope(self._values, self._slopes)
            multiply(self.delta, self._of_outputs, self.delta)
        multiply(*self._weighed)
        if self._product:
            matmul(*self._product)
