"""Networks in a graph: the outputs of an ensemble, and how far off they may be, as `model.predictors` has it.

All members are computed at once: tensors have the shape (members, rows, ...). The Jacobian by the covered parameters is made
of each layer's inputs times the slopes of the outputs, and multiplied by the posterior's factor.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from onnx import numpy_helper

from model.network import Ensemble
from model.onnx.columns import scale_inputs
from model.onnx.graph import Operand, Tensor
from model.posterior import Posterior
from model.predictors import MAX_LOG_MULTIPLIER, ClassNetworks, NetworkPart, NoiseNetwork, noise_architecture


class Activation(NamedTuple):
    """A function, and its slope in terms of its values; None: the slope is 1."""

    function: Callable[[Tensor], Tensor]
    slope: Callable[[Tensor], Tensor] | None


ACTIVATIONS = {
    "identity": Activation(lambda values: values, None),
    "relu": Activation(lambda values: values.apply("Relu"), lambda relu: relu.apply("Greater", 0.0).cast(np.float64)),
    "sigmoid": Activation(
        lambda values: (values * 0.5).apply("Tanh") * 0.5 + 0.5, lambda sigmoid: (1.0 - sigmoid) * sigmoid
    ),
    "tanh": Activation(lambda values: values.apply("Tanh"), lambda tanh: 1.0 - tanh * tanh),
}


def network_part(columns: Tensor, part: NetworkPart, *, with_variance: bool) -> tuple[Tensor, Tensor | None]:
    """Return locations and variances (rows, targets)."""
    inputs = scale_inputs(columns, part.network_inputs)
    if part.rotation is not None:
        inputs = inputs @ part.rotation
    values = _forward(inputs, part.ensemble)
    outputs = values[-1]
    mean = outputs.reduce("Mean", 0)
    if not with_variance:
        return mean, None
    apart = outputs - mean
    squares = apart * apart + _functional_variance(values, part.ensemble, part.posterior)
    return mean, squares.reduce("Mean", 0) + part.posterior.noise.mean(axis=0)


def class_networks(columns: Tensor, part: ClassNetworks) -> Tensor:
    """Return logits (members, rows, classes)."""
    return _forward(scale_inputs(columns, part.network_inputs), part.ensemble)[-1]


def noise_multipliers(columns: Tensor, location: Tensor, noise: NoiseNetwork) -> Tensor:
    """Return what variances (rows, targets) are multiplied by, for columns and scaled locations."""
    inputs = scale_inputs(columns, noise.network_inputs)
    architecture = noise_architecture(len(noise.network_inputs.source) + 1)
    predicted = []
    for target, parameters in enumerate(noise.parameters):
        read = columns.graph.join(inputs, location.take([target]))
        predicted.append(_forward(read, Ensemble(architecture, parameters))[-1].reduce("Mean", 0))
    logs = columns.graph.join(*predicted) * noise.scale
    limit = np.array(MAX_LOG_MULTIPLIER)
    return logs.apply("Clip", -limit, limit).apply("Exp")


def _forward(inputs: Tensor, ensemble: Ensemble) -> list[Tensor]:
    """Return the inputs (1, rows, inputs) and the values of each layer (members, rows, units)."""
    architecture = ensemble.architecture
    names = [architecture.activation] * (len(architecture.blocks) - 1) + [architecture.output_activation]
    values = [inputs.unsqueeze(0)]
    for (weights, bias), name in zip(ensemble.layers, names, strict=True):
        product = values[-1] @ weights
        sums = product if bias is None else product + bias.swapaxes(1, 2)
        values.append(ACTIVATIONS[name].function(sums))
    return values


def _functional_variance(values: list[Tensor], ensemble: Ensemble, posterior: Posterior) -> Tensor:
    """Return the variance of the outputs by the uncertain parameters: (members, rows, outputs)."""
    outputs, covered = ensemble.architecture.layer_sizes[-1], posterior.factor.shape[-1]
    jacobian = _jacobian(values, ensemble, covered).reshape(len(ensemble.parameters), -1, covered)
    factor: Operand = np.ascontiguousarray(posterior.factor.swapaxes(1, 2))
    if posterior.factor.dtype != np.float64:
        factor = jacobian.graph.tensor(factor).cast(np.float64)
    variance = (jacobian @ factor).reduce("SumSquare", 2)
    if posterior.prior is not None:
        by_prior = ((jacobian * jacobian) @ posterior.prior[:, :, None]).apply("Squeeze", np.array([2]))
        variance = (by_prior - variance).apply("Max", 0.0)
    return variance.reshape(len(ensemble.parameters), -1, outputs)


def _jacobian(values: list[Tensor], ensemble: Ensemble, covered: int) -> Tensor:
    """Return the slopes of the outputs by the last parameters (members, rows, outputs, covered)."""
    architecture, graph = ensemble.architecture, values[0].graph
    outputs, blocks = architecture.layer_sizes[-1], list[Tensor]()
    delta: Operand = np.eye(outputs)  # the slope of the outputs by a layer's values: (members, rows, outputs, units)
    name, left = architecture.output_activation, covered
    for number in reversed(range(len(architecture.blocks))):
        slope = ACTIVATIONS[name].slope
        by_values = _ones_like(values[number + 1]) if slope is None else slope(values[number + 1])
        delta = by_values.unsqueeze(2) * delta
        rows, units = architecture.blocks[number]
        below = values[number]
        if architecture.bias:
            below = graph.join(below, _ones_like(below.take([0], axis=2)), axis=2)
        block = delta.unsqueeze(3) * below.unsqueeze(2, 4)
        blocks.insert(0, block.reshape(0, 0, outputs, rows * units))
        left -= rows * units
        if not left:
            break
        weights, _ = ensemble.layers[number]
        delta, name = delta @ weights.swapaxes(1, 2)[:, None], architecture.activation
    return graph.join(*blocks, axis=3)


def _ones_like(values: Tensor) -> Tensor:
    one = numpy_helper.from_array(np.ones(1))
    return values.apply("Shape").apply("ConstantOfShape", value=one)
