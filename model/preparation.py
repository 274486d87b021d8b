"""Preparation: a table in its own units becomes what a network learns from."""

from dataclasses import dataclass

import numpy as np

from model.dataset import Dataset
from model.encoding import Encoding
from model.errors import OptionsError
from model.network import Architecture
from model.scaler import SCALINGS, Scaler
from model.signature import Signature
from model.trainers import NetworkOptions


@dataclass(frozen=True, eq=False)
class Prepared:
    """A table made ready, with what turns questions and answers likewise."""

    encoding: Encoding
    targets: Scaler
    scaled: Dataset
    architecture: Architecture


def prepare(signature: Signature, table: Dataset, options: NetworkOptions) -> Prepared:
    """Scale a table and fit a network's shape to it.

    Raises `OptionsError` if the options do not fit the table.
    """
    scaling = SCALINGS[options.scaling]
    features = scaling.features(table.features, signature.features)
    targets = scaling.targets(table.targets, signature.targets)
    # A constant column tells a network with biases nothing, and would lead it astray once it moves.
    moving = np.ptp(features.apply(table.features), axis=0) > 0
    used = np.flatnonzero(moving) if options.bias and moving.any() else np.arange(len(moving))
    encoding = Encoding.plain(used, features)
    scaled = Dataset(encoding.apply(table.features), targets.apply(table.targets))
    return Prepared(encoding, targets, scaled, _architecture(options, scaled))


def _architecture(options: NetworkOptions, scaled: Dataset) -> Architecture:
    if options.output_activation == "sigmoid" and scaled.targets.min() < 0:
        raise OptionsError(
            "a network with sigmoid outputs answers between 0 and 1 (scaled), but a target is below 0: "
            'choose "output_activation": "identity", or "scaling": "bounds" with declared bounds'
        )
    sizes = (scaled.features.shape[1], *options.hidden_layers, scaled.targets.shape[1])
    return Architecture(sizes, options.activation, options.output_activation, options.bias)
