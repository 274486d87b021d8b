"""A network is its layer sizes and one parameter vector; an ensemble is several such vectors.

`network.layers` gives the weights and biases as views into that vector, so that
`inputs @ weights + bias` reads as in any textbook, while a trainer steps along the vector,
a posterior is a covariance over it, and a checkpoint stores it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from model.arrays import FloatArray
from model.errors import OptionsError
from model.network.activations import ACTIVATIONS, Activation

Layer = tuple[FloatArray, FloatArray | None]
"""Weights (fan-in, units) and bias (units,), or None where the network has no biases."""


@dataclass(frozen=True)
class Architecture:
    """The shape of a network: everything about it but its parameters."""

    layer_sizes: tuple[int, ...]
    """Inputs, hidden units of each hidden layer, outputs."""
    activation: str = "tanh"
    output_activation: str = "identity"
    bias: bool = True

    def __post_init__(self) -> None:
        if len(self.layer_sizes) < 2 or min(self.layer_sizes) < 1:
            raise OptionsError(f"a network needs inputs and outputs, and no empty layer: {self.layer_sizes}")
        for name in (self.activation, self.output_activation):
            if name not in ACTIVATIONS:
                raise OptionsError(f"no activation is called {name!r}; there are {', '.join(sorted(ACTIVATIONS))}")

    @cached_property
    def blocks(self) -> tuple[tuple[int, int], ...]:
        """The shape of each layer's part of the parameter vector: (fan-in, and one more for the bias; units)."""
        return tuple((fan_in + self.bias, units) for fan_in, units in pairwise(self.layer_sizes))

    @cached_property
    def parameter_count(self) -> int:
        """The length of the parameter vector."""
        return sum(rows * units for rows, units in self.blocks)

    @cached_property
    def activations(self) -> tuple[Activation, ...]:
        """The activation of each layer: the hidden ones', then the output's."""
        hidden = [ACTIVATIONS[self.activation]] * (len(self.blocks) - 1)
        return (*hidden, ACTIVATIONS[self.output_activation])

    def layers(self, parameters: FloatArray) -> tuple[Layer, ...]:
        """Views of each layer's weights and bias, from the inputs to the outputs.

        Takes a parameter vector, or any array whose first axis runs over the parameters.
        """
        layers: list[Layer] = []
        start = 0
        for rows, units in self.blocks:
            block = parameters[start : start + rows * units].reshape(rows, units, *parameters.shape[1:])
            layers.append((block[:-1], block[-1]) if self.bias else (block, None))
            start += rows * units
        return tuple(layers)

    def initialise(self, rng: np.random.Generator, initialisation: str = "fan_in") -> "Network":
        """Return a network with random parameters, drawn as the named initialisation says."""
        return Network(self, INITIALISATIONS[initialisation](self, rng))


@dataclass(frozen=True, eq=False)
class Network:
    """A feed-forward network. It is a value: a change is a new network."""

    architecture: Architecture
    parameters: FloatArray

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Each layer's weights and bias, as views into the parameter vector."""
        return self.architecture.layers(self.parameters)

    def forward(self, inputs: FloatArray) -> FloatArray:
        """Outputs (samples, outputs) for inputs (samples, inputs). Stores nothing, so threads may share a network."""
        values = inputs
        for (weights, bias), activation in zip(self.layers, self.architecture.activations, strict=True):
            values = values @ weights if bias is None else values @ weights + bias
            activation.function(values, values)
        return values


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Networks of one architecture, side by side in one array."""

    architecture: Architecture
    parameters: FloatArray
    """One member a row: (members, parameters)."""

    @property
    def members(self) -> tuple[Network, ...]:
        """Each network by itself."""
        return tuple(Network(self.architecture, parameters) for parameters in self.parameters)

    @cached_property
    def layers(self) -> tuple[Layer, ...]:
        """Each layer's weights (members, fan-in, units) and bias (members, units, 1), or None."""
        return tuple(
            (np.moveaxis(weights, -1, 0), None if bias is None else bias.T[:, :, None])
            for weights, bias in self.architecture.layers(self.parameters.T)
        )


def _standard_normal(architecture: Architecture, rng: np.random.Generator) -> FloatArray:
    return rng.standard_normal(architecture.parameter_count)


def _fan_in(architecture: Architecture, rng: np.random.Generator) -> FloatArray:
    # Hidden units start in the curved part of their activation, outputs near zero (LeCun et al. 1998, section 4.6).
    parameters = rng.standard_normal(architecture.parameter_count)
    start = 0
    for rows, units in architecture.blocks:
        parameters[start : start + rows * units] /= np.sqrt(rows)
        start += rows * units
    parameters[-architecture.blocks[-1][0] * architecture.layer_sizes[-1] :] *= 0.1
    return parameters


INITIALISATIONS: dict[str, Callable[[Architecture, np.random.Generator], FloatArray]] = {
    "fan_in": _fan_in,
    "standard_normal": _standard_normal,
}
