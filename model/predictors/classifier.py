"""A classifier is everything needed to tell which category a row belongs to, and how surely."""

from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from model.arrays import FloatArray
from model.network import Ensemble, EnsemblePass, Passes, softmax
from model.table import Encoding, Expansion, Signature


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
        (probabilities,) = self._passes.run(columns, self._probabilities)
        return Classification(probabilities, self.expansion.outside(columns, self.domain))

    @property
    def is_quick(self) -> bool:
        """Whether many rows at once are answered in a few milliseconds."""
        return self._passes.are_quick

    def _probabilities(self, one: EnsemblePass, columns: FloatArray) -> tuple[FloatArray]:
        one.inputs[:, : len(columns)] = self.encoding.apply(columns).T
        outputs = one.outputs().swapaxes(-1, -2)[:, : len(columns)]
        return (softmax(outputs / self.temperature).mean(axis=0),)

    @cached_property
    def _passes(self) -> Passes[EnsemblePass]:
        size = 8 * sum(self.ensemble.architecture.layer_sizes)
        return Passes(partial(EnsemblePass, self.ensemble), size, self.ensemble.parameters.nbytes)
