"""Where to cut: the structure of one oblivious tree, found for several models at once from sums over bins.

A cut of column j behind bin k divides every leaf of a level in two. With gradients g and curvatures h, their sums G, H in
a leaf and S, C in its part at or below the cut, the gain (Chen and Guestrin 2016, equation 7) is

    sum over leaves of  S^2 / (C + l2) + (G - S)^2 / (H - C + l2)
                     =  G^2 / D + D (S - a G / D)^2 / (a (D - a)),    a = C + l2,  D = H + 2 l2

of which the first term is the same for every cut. Sums are exact: gradients and curvatures are rounded to whole numbers
so small that two of them fit into one float64, and one pass over the rows sums both.
"""

from functools import cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from model.arrays import BoolArray, FloatArray, IntArray
from model.candidates.bins import Codes
from model.candidates.cells import Block

_SUM = 2.0**25
"""No sum of magnitudes exceeds it, so that two sums, one of them times 2^27, fit into the 53 bits of a float64."""

_UPPER = 2.0**27
_ROUND_UPPER = 1.5 * 2.0**79
"""Added and subtracted again, it rounds to a multiple of 2^27."""

Singles = NDArray[np.float32]


class GradientSums(NamedTuple):
    """What is summed in each bin: curvatures (models, rows), and for each output gradients (models, rows)."""

    curvatures: FloatArray
    gradients: FloatArray
    l2: float


class Structure(NamedTuple):
    """The cuts of each model's tree, level by level, (models, depth) each, and the leaf of each row (models, rows).

    A row goes to the right, a 1 in the number of its leaf, if its code exceeds `cuts`.
    """

    columns: IntArray
    cuts: IntArray
    leaves: IntArray


class Search:
    """The search for one tree's structure in those columns of a table that are used."""

    def __init__(self, blocks: list[Block], used: BoolArray, sums: GradientSums) -> None:
        self._models = len(sums.curvatures)
        self._blocks = [_Used(block, used) for block in blocks if used[block.columns].any()]
        widest = max(len(block.places) for block in self._blocks)
        unit = _unit(sums.curvatures)
        self._l2 = np.float32(sums.l2 / unit * _UPPER)
        whole = [np.rint(sums.curvatures / unit), *np.rint(sums.gradients / _unit(sums.gradients))]
        pairs = [_pair(whole[start : start + 2]) for start in range(0, len(whole), 2)]
        self._outputs = len(sums.gradients)
        self._weights = [np.tile(pair.ravel(), widest) for pair in pairs]

    def structure(self, codes: Codes, depth: int) -> Structure:
        """Find the cuts, level by level, for the codes (columns, rows) of a table."""
        columns, cuts = (np.empty((self._models, depth), dtype=np.intp) for _ in range(2))
        numbers = np.arange(self._models)[:, None]
        leaves = np.zeros((self._models, codes.shape[1]), dtype=np.intp)
        for level in range(depth):
            columns[:, level], cuts[:, level] = self._best_cuts(leaves + (numbers << level), 1 << level)
            leaves += leaves
            leaves += codes[columns[:, level]] > cuts[:, level, None]
        return Structure(columns, cuts, leaves)

    def _best_cuts(self, groups: IntArray, leaves: int) -> tuple[IntArray, IntArray]:
        """Return each model's best cut of all its leaves; `groups` (models, rows) numbers the leaves of all models."""
        of_model = _indicator(self._models, leaves)
        found = [block.best(self._gains(block, groups, of_model)) for block in self._blocks]
        if len(found) == 1:
            return found[0][1:]
        gains, columns, cuts = (np.stack(each) for each in zip(*found, strict=True))
        first = gains.argmax(axis=0), np.arange(self._models)
        return columns[first], cuts[first]

    def _gains(self, block: "_Used", groups: IntArray, of_model: Singles) -> Singles:
        """(cells, models): what is gained by a cut behind each cell; see the formula above."""
        left, *sums = self._running_sums(block, groups, len(of_model))
        left += self._l2
        weight = left[block.total] + self._l2
        centred = [each - left * (each[block.total] / weight) for each in sums]
        squares = np.square(centred[0], out=centred[0])
        for each in centred[1:]:
            squares += each * each
        left *= weight - left
        squares /= left
        return np.asarray(squares @ (of_model * weight[:, None]))

    def _running_sums(self, block: "_Used", groups: IntArray, count: int) -> list[Singles]:
        """For each channel (cells, groups): its sum over the rows of a group in a cell or a lower one of its column."""
        size = len(block.cells.columns)
        places = ((block.places * count)[:, None] + groups).ravel()
        sums: list[Singles] = []
        for weights in self._weights:
            pair = np.asarray(np.bincount(places, weights[: len(places)], size * count), dtype=np.float64).reshape(
                size, count
            )
            block.cells.run_up(pair)
            sums += _split(pair)
        for each in sums[2::2]:
            np.multiply(each, np.float32(1 / _UPPER), out=each)
        return sums[: 1 + self._outputs]


class _Used:
    """The columns of a block that are used in a tree."""

    def __init__(self, block: Block, used: BoolArray) -> None:
        self.cells = block.cells
        here = used[block.columns]
        self.places = block.places[here]
        self.total = int(block.cells.last[here][0])
        self._closed = ~used[block.cells.columns]
        self._closed[block.cells.last] = True

    def best(self, gains: Singles) -> tuple[Singles, IntArray, IntArray]:
        """Return, for each model, the highest gain (cells, models), and its column and cut."""
        gains[self._closed] = -np.inf
        cell = gains.argmax(axis=0)
        return gains[cell, np.arange(gains.shape[1])], self.cells.columns[cell], self.cells.cuts[cell]


def _unit(values: FloatArray) -> float:
    """Return the unit in which magnitudes (..., rows) add up to no more than `_SUM`."""
    return max(float(np.abs(values).sum(axis=-1).max()) / _SUM, 1e-300)


def _pair(whole: list[FloatArray]) -> FloatArray:
    """Join one or two arrays of whole numbers into one, whose sums `_split` takes apart."""
    return whole[0] * _UPPER + (whole[1] if len(whole) == 2 else 0.0)


def _split(sums: FloatArray) -> list[Singles]:
    """Return the two sums that are in one: the first times 2^27, and the second."""
    upper = sums + _ROUND_UPPER
    upper -= _ROUND_UPPER
    sums -= upper
    return [upper.astype(np.float32), sums.astype(np.float32)]


@cache
def _indicator(models: int, leaves: int) -> Singles:
    """(models * leaves, models): 1 where a leaf is one of a model's."""
    return np.repeat(np.eye(models, dtype=np.float32), leaves, axis=0)
