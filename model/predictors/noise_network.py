"""A noise network: where a table is noisier, intervals are wider.

It says by what the variance of a prediction is multiplied, from the features and the answer.
"""

from dataclasses import dataclass

import numpy as np

from model.arrays import FloatArray
from model.network import Architecture, Ensemble, EnsemblePass
from model.table import Encoding

HIDDEN_UNITS = 5

LARGEST_LOG = 3.0
"""Of a multiplier: further apart no two rows' noises are believed to be."""


@dataclass(frozen=True, eq=False)
class NoiseNetwork:
    """By what the variance of a prediction is multiplied, row by row."""

    encoding: Encoding
    parameters: FloatArray
    """(targets, members, parameters)"""
    scale: FloatArray
    """(targets,): of the logarithms that were learned; 0 for a target whose noise is the same everywhere."""

    def passes(self, samples: int, lanes: int) -> list[EnsemblePass]:
        """Return, for each target, a pass over so many samples."""
        architecture = noise_architecture(len(self.encoding.source) + 1)
        return [EnsemblePass(Ensemble(architecture, parameters), samples, lanes) for parameters in self.parameters]

    def multipliers(self, passes: list[EnsemblePass], inputs: FloatArray, means: FloatArray) -> FloatArray:
        """Return the multipliers (targets, samples) for inputs (inputs, rows) and scaled means (targets, samples)."""
        said = np.empty_like(means)
        for target, each in enumerate(passes):
            each.inputs[:-1, : inputs.shape[1]] = inputs
            each.inputs[-1] = means[target]
            np.add.reduce(each.outputs()[:, 0], 0, out=said[target])
        return as_multipliers(said, self.scale[:, None] / self.parameters.shape[1])


def noise_architecture(inputs: int) -> Architecture:
    """Return the shape of a noise network with so many inputs, the answer included."""
    return Architecture((inputs, HIDDEN_UNITS, 1))


def as_multipliers(said: FloatArray, scale: FloatArray) -> FloatArray:
    """Turn scaled logarithms into multipliers around their mean; the level itself is fitted afterwards."""
    return np.exp(np.minimum(np.maximum(said * scale, -LARGEST_LOG), LARGEST_LOG))
