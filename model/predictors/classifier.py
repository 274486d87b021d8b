"""A classifier is everything needed to predict which category a row belongs to, with probabilities."""

from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np

from model.arrays import BoolArray, FloatArray, IntArray
from model.network import BufferPool, Ensemble, EnsemblePass, softmax
from model.table import CategoryEncoding, NetworkInputs, Signature


@dataclass(frozen=True, eq=False)
class Classification:
    """Predictions for some rows."""

    probabilities: FloatArray
    """(rows, categories)"""
    extrapolated: BoolArray
    """(rows, features): outside the range of the training rows."""

    @property
    def most_probable(self) -> IntArray:
        """(rows,): the number of each row's most probable category."""
        return np.asarray(self.probabilities.argmax(axis=1))


@dataclass(frozen=True, eq=False)
class Classifier:
    """Networks of one architecture, whose probabilities are averaged. Threads may share it."""

    signature: Signature
    category_encoding: CategoryEncoding
    network_inputs: NetworkInputs
    ensemble: Ensemble
    temperature: FloatArray
    """(1,): what outputs are divided by before they become probabilities, so that these are as frequent as they say
    (Guo et al. 2017)."""
    domain: FloatArray
    """(2, columns): the least and the greatest value of each encoded column in the training rows."""

    def predict(self, features: FloatArray) -> Classification:
        """Predict from features (rows, features)."""
        columns = self.category_encoding.apply(features)
        (probabilities,) = self._pool.run(columns, self._probabilities)
        return Classification(probabilities, self.category_encoding.outside(columns, self.domain))

    @property
    def is_quick(self) -> bool:
        """Whether many rows at once are answered in a few milliseconds."""
        return self._pool.are_quick

    def _probabilities(self, one: EnsemblePass, columns: FloatArray) -> tuple[FloatArray]:
        one.inputs[:, : len(columns)] = self.network_inputs.apply(columns).T
        outputs = one.outputs().swapaxes(-1, -2)[:, : len(columns)]
        return (softmax(outputs / self.temperature).mean(axis=0),)

    @cached_property
    def _pool(self) -> BufferPool[EnsemblePass]:
        size = 8 * sum(self.ensemble.architecture.layer_sizes)
        return BufferPool(partial(EnsemblePass, self.ensemble), size, self.ensemble.parameters.nbytes)
