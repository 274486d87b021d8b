"""A noise network: where a table is noisier, intervals are wider.

It predicts, from the features and the mean, what the variance of a prediction is multiplied by.
"""

from dataclasses import dataclass

import numpy as np

from model.arrays import FloatArray
from model.network import Architecture, Ensemble, EnsemblePass
from model.table import NetworkInputs

HIDDEN_UNITS = 5

MAX_LOG_MULTIPLIER = 3.0
"""The largest logarithm of a multiplier: no row is taken to be noisier, or less noisy, by more."""


@dataclass(frozen=True, eq=False)
class NoiseNetwork:
    """What the variance of a prediction is multiplied by, row by row."""

    network_inputs: NetworkInputs
    parameters: FloatArray
    """(targets, members, parameters)"""
    scale: FloatArray
    """(targets,): of the logarithms that were learned; 0 for a target whose noise is the same everywhere."""

    def make_pass(self, samples: int, tile_rows: int) -> "NoisePass":
        """Return a pass over up to so many rows."""
        return NoisePass(self, samples, tile_rows)


class NoisePass:
    """Multipliers of up to a fixed number of rows, in buffers that are allocated once."""

    def __init__(self, network: NoiseNetwork, samples: int, tile_rows: int) -> None:
        self._network = network
        architecture = noise_architecture(len(network.network_inputs.source) + 1)
        ensembles = [Ensemble(architecture, parameters) for parameters in network.parameters]
        self._passes = [EnsemblePass(ensemble, samples, tile_rows) for ensemble in ensembles]
        self._predicted = np.empty((len(ensembles), samples))
        self._scale = network.scale[:, None] / network.parameters.shape[1]

    def multipliers(self, columns: FloatArray, means: FloatArray) -> FloatArray:
        """Return the multipliers (targets, rows) for columns (rows, columns) and scaled means (targets, rows)."""
        inputs, rows = self._network.network_inputs.apply(columns).T, len(columns)
        for target, each in enumerate(self._passes):
            each.inputs[:-1, :rows] = inputs
            each.inputs[-1, :rows] = means[target]
            np.add.reduce(
                each.outputs()[:, 0], 0, out=self._predicted[target]
            )  # of all rows: one alone adds up otherwise
        return to_multipliers(self._predicted[:, :rows], self._scale)


def noise_architecture(inputs: int) -> Architecture:
    """Return the shape of a noise network with so many inputs, the mean included."""
    return Architecture((inputs, HIDDEN_UNITS, 1))


def to_multipliers(predicted: FloatArray, scale: FloatArray) -> FloatArray:
    """Turn scaled logarithms into multipliers around their mean; the level itself is fitted afterwards."""
    return np.exp(np.minimum(np.maximum(predicted * scale, -MAX_LOG_MULTIPLIER), MAX_LOG_MULTIPLIER))
