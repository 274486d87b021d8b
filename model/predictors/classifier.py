"""A classifier is everything needed to predict which category a row belongs to, with probabilities."""

from dataclasses import dataclass

import numpy as np

from model.arrays import BoolArray, FloatArray, IntArray
from model.predictors.classes import ClassMixture
from model.predictors.predictor import Predictor
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
class Classifier(Predictor):
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
            probabilities = self.mixture.probabilities(columns)
            return Classification(probabilities, self._extrapolated(features, columns, None, are_plain=True))
        probabilities = draws.average(self.mixture.probabilities(draws.columns))
        return Classification(probabilities, self._extrapolated(features, draws.columns, draws, are_plain=False))
