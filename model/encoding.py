"""An encoding turns a table's features into the inputs of a network.

Each input is read from one feature: an affine function of it, held between two limits. So a column can
be passed on, left out, or spread over several inputs.
"""

from dataclasses import dataclass

import numpy as np

from model.activations import FloatArray
from model.scaler import Scaler

IntArray = np.ndarray[tuple[int], np.dtype[np.intp]]


@dataclass(frozen=True, eq=False)
class Encoding:
    """input = (clip(feature, low, high) - offset) / scale, with one entry of each array for an input."""

    source: IntArray
    """The number of the feature that each input reads, from 0."""
    low: FloatArray
    high: FloatArray
    offset: FloatArray
    scale: FloatArray

    @staticmethod
    def plain(source: IntArray, scaler: Scaler) -> "Encoding":
        """Pass on these features, as a scaler of all features scales them."""
        unlimited = np.full(len(source), np.inf)
        return Encoding(source, -unlimited, unlimited, scaler.offset[source], scaler.scale[source])

    def apply(self, features: FloatArray) -> FloatArray:
        """Return the inputs (rows, inputs) for features (rows, features)."""
        clipped = np.minimum(np.maximum(features[:, self.source], self.low), self.high)
        return (clipped - self.offset) / self.scale
