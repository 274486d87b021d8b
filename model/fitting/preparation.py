"""Preparation: a table in its own units becomes what a network learns from."""

from dataclasses import dataclass, replace

import numpy as np

from model.arrays import FloatArray
from model.errors import OptionsError
from model.network import Architecture
from model.table import SCALINGS, Dataset, NetworkInputs, Signature, Targets, transform_targets
from model.trainers import NetworkOptions


@dataclass(frozen=True, eq=False)
class Prepared:
    """A table made ready, with what scales features and targets likewise."""

    network_inputs: NetworkInputs
    targets: Targets
    scaled: Dataset
    architecture: Architecture


def prepare(
    signature: Signature, table: Dataset, options: NetworkOptions, transforms: tuple[str, ...] | None = None
) -> Prepared:
    """Scale a table and fit a network's shape to it.

    Raises `OptionsError` if the options do not fit the table.
    """
    scaling = SCALINGS[options.scaling]
    features = scaling.features(table.features, signature.features)
    # A constant column tells a network with biases nothing, and would mislead it once it moves.
    moving = np.ptp(features.apply(table.features), axis=0) > 0
    used = np.flatnonzero(moving) if options.bias and moving.any() else np.arange(len(moving))
    network_inputs = NetworkInputs.from_scaler(used, features)
    names = transforms or ("identity",) * len(signature.targets)
    transformed = transform_targets(signature.targets, names, table.targets)
    targets = Targets(signature.targets, scaling.targets(transformed, signature.targets), names)
    scaled = Dataset(network_inputs.apply(table.features), targets.scaler.apply(transformed))
    return Prepared(network_inputs, targets, scaled, _make_architecture(options, scaled))


def with_ramps(prepared: Prepared, features: FloatArray, ramps: int = 5) -> Prepared:
    """Return the table with ramps between the quantiles of each feature as further inputs."""
    network_inputs = prepared.network_inputs.with_ramps(features, ramps)
    scaled = Dataset(network_inputs.apply(features), prepared.scaled.targets, network_inputs.groups)
    sizes = (scaled.features.shape[1], *prepared.architecture.layer_sizes[1:])
    return Prepared(network_inputs, prepared.targets, scaled, replace(prepared.architecture, layer_sizes=sizes))


def with_wider_layers(prepared: Prepared, factor: int = 2) -> Prepared:
    """Return the table with an architecture of so many times the hidden units."""
    inputs, *hidden, outputs = prepared.architecture.layer_sizes
    sizes = (inputs, *(factor * units for units in hidden), outputs)
    return replace(prepared, architecture=replace(prepared.architecture, layer_sizes=sizes))


def _make_architecture(options: NetworkOptions, scaled: Dataset) -> Architecture:
    if options.output_activation == "sigmoid" and scaled.targets.min() < 0:
        raise OptionsError(
            "a network with sigmoid outputs answers between 0 and 1 (scaled), but a target is below 0: "
            'choose "output_activation": "identity", or "scaling": "bounds" with declared bounds'
        )
    sizes = (scaled.features.shape[1], *options.hidden_layers, scaled.targets.shape[1])
    return Architecture(sizes, options.activation, options.output_activation, options.bias)
