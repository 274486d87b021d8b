"""A classifier is everything needed to tell which category a row belongs to, and how surely."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.activations import FloatArray
from model.encoding import Encoding
from model.expansion import Expansion
from model.lanes import filled_up, in_lanes
from model.losses import softmax
from model.network import Ensemble
from model.signature import Signature

LANES = 8
"""Rows are answered so many at a time, the last of them filled up: so a row's answer does not depend on its company."""


@dataclass(frozen=True, eq=False)
class Classification:
    """Answers for some rows."""

    probabilities: FloatArray
    """(rows, categories)"""
    extrapolated: NDArray[np.bool_]
    """(rows, features): outside the range of the rows that were learned from."""

    @property
    def most_probable(self) -> NDArray[np.intp]:
        """(rows,): the number of each row's most probable category."""
        return np.asarray(self.probabilities.argmax(axis=1))


@dataclass(frozen=True, eq=False)
class Classifier:
    """Networks of one architecture, whose probabilities are averaged. Threads may share it."""

    signature: Signature
    expansion: Expansion
    encoding: Encoding
    ensemble: Ensemble
    temperature: FloatArray
    """(1,): what outputs are divided by before they become probabilities, so that these are neither too sure nor too timid
    (Guo et al. 2017)."""
    domain: FloatArray
    """(2, columns): the least and the greatest value of each expanded column that was learned from."""

    def predict(self, features: FloatArray) -> Classification:
        """Answer for features (rows, features)."""
        columns = self.expansion.apply(features)
        filled = filled_up(columns, LANES)
        inputs = in_lanes(self.encoding.apply(filled), LANES)
        outputs = self.ensemble.values(inputs)[-1].swapaxes(-1, -2)
        probabilities = softmax(outputs / self.temperature).mean(axis=1).reshape(len(filled), -1)
        return Classification(probabilities[: len(columns)], self.expansion.outside(columns, self.domain))
