"""Effects of a feature of many categories: each level moves the answer by an amount of its own, shrunken by empirical Bayes.

A level of n rows with residuals r has the effect sum(r) / (n + w / b) and the variance w / (n + w / b), with w the variance
within levels and b that between them; a level that was never seen has 0 and b (1 + 1 / L) (Efron & Morris 1975).
"""

from dataclasses import dataclass

import numpy as np

from model.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class LevelEffects:
    """Of one feature, on the scaled targets. The last entry of each array is for a level that is not known."""

    feature: IntArray
    """(1,): the number of the feature."""
    location: FloatArray
    """(levels + 1, targets): what is added to the location."""
    variance: FloatArray
    """(levels + 1, targets): what is added to the variance."""
    unseen_scale: FloatArray
    """(targets,): what the whole variance is multiplied by where the level is not known."""
    unseen_dof: FloatArray
    """(targets,): degrees of freedom, at the most, of an interval where the level is not known."""

    def numbers(self, features: FloatArray) -> IntArray:
        """Return (rows,): each row's level; blanks and words never seen have the last number."""
        codes, unknown = features[:, self.feature[0]], len(self.location) - 1
        is_known = (codes >= 0) & (codes < unknown)
        return np.where(is_known, codes, unknown).astype(np.intp)

    def is_unknown(self, features: FloatArray) -> BoolArray:
        """Tell which rows have a level that is not known."""
        return np.asarray(self.numbers(features) == len(self.location) - 1)

    def add(self, features: FloatArray, location: FloatArray, variance: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return locations and variances, each (rows, targets), with the effects of the rows' levels."""
        numbers = self.numbers(features)
        whole = variance + self.variance[numbers]
        return location + self.location[numbers], np.where(
            (numbers == len(self.location) - 1)[:, None], whole * self.unseen_scale, whole
        )
