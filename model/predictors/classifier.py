"""A classifier is everything needed to predict which category a row belongs to, with probabilities."""

from dataclasses import dataclass

import numpy as np

from model.arrays import BoolArray, FloatArray, IntArray
from model.predictors.classes import ClassMixture
from model.table import CategoryEncoding, Signature


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
    """A mixture of candidates that answers rows with probabilities. Threads may share it."""

    signature: Signature
    category_encoding: CategoryEncoding
    domain: FloatArray
    """(2, columns): the least and the greatest value of each encoded column in the training rows."""
    mixture: ClassMixture

    def predict(self, features: FloatArray) -> Classification:
        """Predict from features (rows, features). A row with blanks or unseen words is answered as all that it may be."""
        encoding = self.category_encoding
        draws = encoding.draw(features)
        if draws is None:
            columns = encoding.apply(features)
            return Classification(self.mixture.probabilities(columns), encoding.outside(columns, self.domain))
        probabilities = draws.average(self.mixture.probabilities(draws.columns))
        outside = encoding.outside(draws.columns, self.domain)[draws.starts] & ~np.isnan(features)
        unseen = encoding.unseen(features) | encoding.unseen_blanks(features)
        return Classification(probabilities, outside | unseen)

    @property
    def is_quick(self) -> bool:
        """Whether many rows at once are answered in a few milliseconds."""
        return self.mixture.is_quick

    @property
    def operations_a_row(self) -> int:
        """About how many floating-point operations it takes to answer a row without gaps."""
        return self.mixture.operations_a_row

    @property
    def buffer_bytes(self) -> int:
        """How much memory answering takes at a time, beside the answer."""
        return self.mixture.buffer_bytes

    @property
    def draws_a_gap(self) -> int:
        """How many rows at the most stand for one with gaps."""
        return self.category_encoding.draws_a_gap
