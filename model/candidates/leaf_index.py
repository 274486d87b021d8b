"""Which leaf of each tree a row falls into: one comparison for all cuts, one product for all trees.

The bits of a tree, a byte each and padded to eight, are one 64-bit number. Multiplied by a constant they are gathered in its
highest byte: there, byte i of the eight is added as 2^(7 - i), and no lower byte carries over.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.arrays import FloatArray, IntArray

MAX_DEPTH = 8
"""Bits of a byte."""

_WORD = np.dtype("<u8")
_GATHER = np.array(0x8040201008040201, dtype=_WORD)


@dataclass(frozen=True, eq=False)
class LeafIndex:
    """Cuts padded to eight a tree: columns and thresholds (trees * 8,), and where each tree's leaves start (trees,)."""

    columns: IntArray
    thresholds: FloatArray
    starts: NDArray[np.uint64]
    shift: NDArray[np.uint64]

    @staticmethod
    def of_cuts(columns: NDArray[np.int32], thresholds: FloatArray) -> "LeafIndex":
        """Take the cuts (trees, depth) of trees of one depth; a value goes to the right if it is at least the threshold."""
        trees, depth = columns.shape
        padded = np.zeros((trees, MAX_DEPTH), dtype=np.intp)
        padded[:, :depth] = columns
        limits = np.full((trees, MAX_DEPTH), np.nan)  # nothing is at least NaN
        limits[:, :depth] = thresholds
        starts = np.arange(trees, dtype=_WORD) << np.array(depth, dtype=_WORD)
        return LeafIndex(padded.ravel(), limits.ravel(), starts, np.array(64 - depth, dtype=_WORD))

    def of_rows(self, features: FloatArray) -> IntArray:
        """(rows, trees): the places, in a flat table of all trees' leaves, of rows (rows, columns)."""
        words = (features.take(self.columns, axis=1) >= self.thresholds).view(_WORD)
        words *= _GATHER
        words >>= self.shift
        words += self.starts
        return words.view(np.intp)
