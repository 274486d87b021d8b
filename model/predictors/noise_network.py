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

    def passes(self, samples: int, tile_rows: int) -> list[EnsemblePass]:
        """Return, for each target, a pass over so many samples."""
        architecture = noise_architecture(len(self.network_inputs.source) + 1)
        return [EnsemblePass(Ensemble(architecture, parameters), samples, tile_rows) for parameters in self.parameters]

    def multipliers(self, passes: list[EnsemblePass], inputs: FloatArray, means: FloatArray) -> FloatArray:
        """Return the multipliers (targets, samples) for inputs (inputs, rows) and scaled means (targets, samples)."""
        predicted = np.empty_like(means)
        for target, each in enumerate(passes):
            each.inputs[:-1, : inputs.shape[1]] = inputs
            each.inputs[-1] = means[target]
            np.add.reduce(each.outputs()[:, 0], 0, out=predicted[target])
        return to_multipliers(predicted, self.scale[:, None] / self.parameters.shape[1])


def noise_architecture(inputs: int) -> Architecture:
    """Return the shape of a noise network with so many inputs, the mean included."""
    return Architecture((inputs, HIDDEN_UNITS, 1))


def to_multipliers(predicted: FloatArray, scale: FloatArray) -> FloatArray:
    """Turn scaled logarithms into multipliers around their mean; the level itself is fitted afterwards."""
    return np.exp(np.minimum(np.maximum(predicted * scale, -MAX_LOG_MULTIPLIER), MAX_LOG_MULTIPLIER))
