"""Shrinkage: the effects of a feature's levels on what is left over, held towards 0 as far as rows call for.

A level of n rows with residuals r has the effect sum(r) / (n + w / b), with w the variance within levels and b that between
them, which is chosen by maximum likelihood (empirical Bayes, Efron & Morris 1975).
"""

from typing import NamedTuple

import numpy as np

from model.arrays import FloatArray, IntArray

BETWEEN = np.exp(np.linspace(-9.0, 1.0, 41))
"""Variances between levels that are tried, in variances of the residuals."""


class Groups(NamedTuple):
    """The level of each row in one feature."""

    feature: int
    numbers: IntArray
    """(rows,): `levels` where it is not known."""
    levels: int


class Effects(NamedTuple):
    """The effects of one feature on one target."""

    location: FloatArray
    """(levels + 1,): the last of a level that is not known."""
    variance: FloatArray
    own: FloatArray
    """(rows,): each row's, estimated without it."""
    own_variance: FloatArray

    def in_units(self, unit: float) -> "Effects":
        """Return the same divided by a unit."""
        square = unit * unit
        return Effects(self.location / unit, self.variance / square, self.own / unit, self.own_variance / square)


def shrink(residuals: FloatArray, numbers: IntArray, levels: int) -> Effects:
    """Return the effects of levels on residuals (rows,), whose level is `numbers` (rows,); `levels`: it is not known.

    The variance between levels is chosen by maximum likelihood.
    """
    is_known = numbers < levels
    centred = residuals - residuals.mean()
    sizes = np.bincount(numbers[is_known], minlength=levels).astype(np.float64)
    sums = np.bincount(numbers[is_known], centred[is_known], levels)
    means, seen = sums / np.maximum(sizes, 1.0), sizes > 0
    spare = sizes.sum() - seen.sum()
    whole = float(centred.var()) + 1e-12
    apart = centred[is_known] - means[numbers[is_known]]
    within = float(apart @ apart) / spare if spare else whole / 2
    total = whole * BETWEEN[:, None] + (within + 1e-12) / sizes[seen]
    between = whole * float(BETWEEN[(-np.log(total) - means[seen] ** 2 / total).sum(axis=1).argmax()])
    pull = (within + 1e-12) / between
    location, variance = np.zeros(levels + 1), np.full(levels + 1, between * (1.0 + 1.0 / max(int(seen.sum()), 1)))
    location[:levels] = sums / (sizes + pull)
    variance[:levels][seen] = within / (sizes[seen] + pull)
    others = np.append(sizes, 1.0)[numbers] - 1.0
    own = np.where(is_known, (np.append(sums, 0.0)[numbers] - centred) / (others + pull), 0.0)
    own_variance = np.where(is_known & (others > 0), within / (others + pull), variance[levels])
    return Effects(location, variance, own, own_variance)
