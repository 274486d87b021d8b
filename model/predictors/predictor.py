"""What classifiers and regressors have in common: what it takes to answer a row, and which rows are unlike those of the training."""

import numpy as np

from model.arrays import BoolArray, FloatArray
from model.predictors.classes import ClassMixture
from model.predictors.mixture import Mixture
from model.table import CategoryEncoding, Draws, Signature


class Predictor:
    """A mixture of candidates that answers rows of a table."""

    signature: Signature
    category_encoding: CategoryEncoding
    domain: FloatArray
    """(2, columns): the least and the greatest value of each encoded column in the training rows."""
    mixture: Mixture | ClassMixture

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

    def _extrapolated(
        self, features: FloatArray, columns: FloatArray, draws: Draws | None, *, are_plain: bool
    ) -> BoolArray:
        """(rows, features): outside of what was learned from: so are words never seen, and blanks where there were none.

        Plain rows have none of these, nor are they drawn.
        """
        encoding = self.category_encoding
        outside = encoding.outside(columns, self.domain)
        if are_plain:
            return outside
        of_rows = outside if draws is None else outside[draws.starts]
        unseen = encoding.unseen(features) | encoding.unseen_blanks(features)
        return (of_rows & ~np.isnan(features)) | unseen
