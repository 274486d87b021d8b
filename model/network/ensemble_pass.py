"""Passes over an ensemble: the outputs of all its networks at once, and their Jacobian, in buffers that are allocated once.

For each member and layer l, with g its activation, and D_l the slope of the outputs by the layer's values:

    values    a_l = g(W_l' [a_(l-1); 1])
    Jacobian  by W_l: [a_(l-1); 1] (D_l * g'(a_l))',    D_(l-1) = W_l (D_l * g'(a_l)),    D_last = I.

One batched product for all members costs few calls of NumPy, which is what one row's prediction takes its time for.
As in `derivatives`, a column is a sample, so that one unit's values for all samples lie side by side. Where
there are biases, a row of ones below each layer's values has the products add them.
"""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy import copyto, matmul, multiply
from numpy.typing import DTypeLike

from model.arrays import FloatArray
from model.network.activations import Activation
from model.network.network import Architecture, Ensemble, Network
from model.network.tiles import TILE_ROWS, in_tiles

MIN_VALUE, MAX_VALUE = np.array(-1e9), np.array(1e9)
"""The range of the values that a Jacobian in single precision is made of: their products stay finite."""


class EnsemblePass:
    """Forward and backward passes over a fixed number of samples, of networks that stay as they are.

    The caller fills `inputs` (inputs, samples). What a call returns is a view of a buffer, overwritten by
    the next one; an instance belongs to one caller.

    Matrix products take `tile_rows` samples at a time. Products of different sizes round differently: with
    tiles of one size the outputs for a sample do not depend, to the last bit, on how many others are beside it.
    Outputs are of double precision. Their Jacobian suits the `factor` (..., covered) that it will be
    multiplied by: it is of the same type, and by the last parameters alone, if the factor covers no more.
    """

    _rows_below, _are_fixed = 0, True
    """How many rows the Jacobian's buffer has below it for each output; whether the parameters stay as they are."""

    def __init__(
        self, ensemble: Ensemble, samples: int, tile_rows: int = TILE_ROWS, factor: FloatArray | None = None
    ) -> None:
        self._architecture, self._tile_rows = ensemble.architecture, tile_rows
        self._covered, self._dtype = ensemble.architecture.parameter_count, ensemble.parameters.dtype
        if factor is not None:
            self._covered, self._dtype = factor.shape[-1], factor.dtype
        self._members = len(ensemble.parameters)
        below, (self.inputs,) = self._buffer(1, self._architecture.layer_sizes[0], samples)
        self._layers: list[_LayerPass] = []
        blocks = zip(self._architecture.blocks, self._architecture.activations, strict=True)
        start = 0
        for (rows, units), activation in blocks:
            weights = ensemble.parameters[:, start : start + rows * units].reshape(self._members, rows, units)
            above, values = self._buffer(self._members, units, samples)
            self._layers.append(_LayerPass(weights, below, values, activation, tile_rows))
            below, start = above, start + rows * units

    def outputs(self) -> FloatArray:
        """Outputs (members, outputs, samples)."""
        for layer in self._layers:
            layer.forward()
        return self._layers[-1].values

    def outputs_and_jacobian(self) -> tuple[FloatArray, FloatArray]:
        """Outputs, and the Jacobian (members, outputs, parameters, samples): their slope by each parameter."""
        buffer, steps = self._backward
        outputs = self.outputs()
        for step in steps:
            step.pull_back()
        return outputs, buffer[:, :, : self._covered]

    @property
    def jacobian(self) -> FloatArray:
        """The buffer of the Jacobian (members, outputs, covered parameters, samples)."""
        return self._backward[0][:, :, : self._covered]

    def _buffer(self, members: int, units: int, samples: int) -> tuple[FloatArray, FloatArray]:
        """Return a layer's values with what the layer above reads beside them, and the values alone."""
        whole = np.ones((members, units + self._architecture.bias, samples))
        values = whole[:, :units]
        values[:] = 0.0
        return whole, values

    @cached_property
    def _backward(self) -> tuple[FloatArray, Sequence["_BackwardStep"]]:
        """The Jacobian with the rows below it, and what fills it from the last layer to the first."""
        outputs, samples = self._architecture.layer_sizes[-1], self.inputs.shape[-1]
        lead = (self._members, outputs)
        jacobian = np.empty((*lead, self._covered + self._rows_below, samples), self._dtype)
        slope, end = np.empty((*lead, outputs, samples), self._dtype), self._covered
        slope[:] = np.eye(outputs)[:, :, None]
        steps: list[_BackwardStep] = []
        for layer, (rows, units) in zip(self._layers[::-1], self._architecture.blocks[::-1], strict=True):
            block = jacobian[:, :, end - rows * units : end].reshape(*lead, rows, units, samples)
            steps.append(_BackwardStep(layer, slope, block))
            slope, end = np.empty((*lead, rows - self._architecture.bias, samples), self._dtype), end - rows * units
            if end == 0:
                break
            steps[-1].propagate_to(slope, self._tile_rows)
        if self._are_fixed and self._layers[-1].slope is None:
            steps[0].propagate_once()
        return jacobian, steps


class ResidualPass(EnsemblePass):
    """The passes of a training over one network, with the residuals as one more row of the Jacobian.

    It reads `parameters` where they are, so the caller may change them in place between calls.
    """

    _rows_below, _are_fixed = 1, False

    def __init__(self, architecture: Architecture, parameters: FloatArray, samples: int) -> None:
        super().__init__(Ensemble(architecture, parameters[None]), samples, samples)

    def residual_jacobian(self, targets: FloatArray) -> FloatArray:
        """Return the Jacobian with the residuals, outputs - targets, as its last row: (outputs, parameters + 1, samples).

        So one symmetric product gives all that a least-squares step needs.
        """
        outputs, _ = self.outputs_and_jacobian()
        jacobian: FloatArray = self._backward[0][0]
        np.subtract(outputs[0], targets.T, jacobian[:, -1])
        return jacobian


class _LayerPass:
    """One layer's forward pass, from what is `below` it to its `values`."""

    def __init__(
        self, weights: FloatArray, below: FloatArray, values: FloatArray, activation: Activation, tile_rows: int
    ) -> None:
        self.weights, self.below, self.values = weights, below, values
        self.function, self.slope = activation
        self._product = (weights.swapaxes(-1, -2)[:, None], in_tiles(below, tile_rows), in_tiles(values, tile_rows))

    def forward(self) -> None:
        matmul(*self._product)
        self.function(self.values, self.values)


class _BackwardStep:
    """One layer's backward pass: from the slope (members, outputs, units, samples) by its values to that by its weights."""

    def __init__(self, layer: _LayerPass, slope: FloatArray, by_weights: FloatArray) -> None:
        self._layer, self._slopes = layer, np.empty_like(layer.values)
        self._typed_slopes, self._below = (_buffer_like(values, slope.dtype) for values in (self._slopes, layer.below))
        self._delta = slope if layer.slope is None else np.empty_like(slope)
        self._scaling = (slope, self._typed_slopes[:, None], self._delta)
        self._outer = (self._below[:, None, :, None], self._delta[:, :, None], by_weights)
        self._chain: tuple[FloatArray, ...] = ()

    def propagate_to(self, slope: FloatArray, tile_rows: int) -> None:
        """Have the slope by the values of the layer below written as well."""
        weights = self._layer.weights[:, None, None, : slope.shape[2]].astype(slope.dtype, copy=False)
        self._chain = (weights, in_tiles(self._delta, tile_rows), in_tiles(slope, tile_rows))

    def propagate_once(self) -> None:
        """Do now what is the same for all samples: the slope by what the outputs, if their activation is the identity, are summed from."""
        if self._chain:
            matmul(*self._chain)
            self._chain = ()

    def pull_back(self) -> None:
        if self._layer.slope is not None:
            self._layer.slope(self._layer.values, self._slopes)
            if self._typed_slopes is not self._slopes:  # between 0 and 1
                copyto(self._typed_slopes, self._slopes, casting="same_kind")
            multiply(*self._scaling)
        if self._below is not self._layer.below:  # it is of single precision, where squares soon are infinite
            self._layer.below.clip(MIN_VALUE, MAX_VALUE, self._below, casting="same_kind")
        multiply(*self._outer)
        if self._chain:
            matmul(*self._chain)


def _buffer_like(values: FloatArray, dtype: DTypeLike) -> FloatArray:
    """Return the array itself, or, for another type, one that it can be copied to."""
    return values if values.dtype == dtype else np.empty_like(values, dtype)


def outputs_and_jacobian(network: Network, inputs: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return a network's outputs (samples, outputs), and its Jacobian (outputs, parameters, samples)."""
    one = EnsemblePass(Ensemble(network.architecture, network.parameters[None]), len(inputs), len(inputs))
    one.inputs[:] = inputs.T
    outputs, jacobian = one.outputs_and_jacobian()
    return outputs[0].T, jacobian[0]
