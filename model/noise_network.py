"""A noise network: where a table is noisier, intervals are wider.

It says by what the variance of a prediction is multiplied, from the features and the answer.
"""

from dataclasses import dataclass

import numpy as np

from model.activations import FloatArray
from model.encoding import Encoding
from model.network import Architecture, Ensemble

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

    def multipliers(self, inputs: FloatArray, means: FloatArray) -> FloatArray:
        """Return the multipliers (blocks, targets, samples) for inputs (blocks, 1, inputs, samples) and scaled means."""
        logarithms = []
        for target, parameters in enumerate(self.parameters):
            ensemble = Ensemble(noise_architecture(inputs.shape[-2] + 1), parameters)
            answer = means[:, None, target : target + 1]
            outputs = ensemble.values(np.concatenate([inputs, answer], axis=-2))[-1]
            logarithms.append(np.add.reduce(outputs[..., 0, :], axis=1) / len(parameters))
        return as_multipliers(np.stack(logarithms, axis=1), self.scale[:, None])


def noise_architecture(inputs: int) -> Architecture:
    """Return the shape of a noise network with so many inputs, the answer included."""
    return Architecture((inputs, HIDDEN_UNITS, 1))


def as_multipliers(said: FloatArray, scale: FloatArray) -> FloatArray:
    """Turn scaled logarithms into multipliers around their mean; the level itself is fitted afterwards."""
    return np.exp(np.minimum(np.maximum(said * scale, -LARGEST_LOG), LARGEST_LOG))
