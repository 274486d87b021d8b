"""Cells: where the bins of columns lie when sums over them are made.

Bin 0 of all columns comes first, then bin 1 of those that have two, and so on, the columns with most bins first. So
running sums are one addition of contiguous rows a bin, and a column costs no more cells than it has bins: a 0/1 column two.
Where a column has more intervals than a tree is to tell apart, neighbours share a cell, and an offset, which changes
from tree to tree, says which: each tree costs less, and together they cut at every edge.
"""

from dataclasses import dataclass

import numpy as np

from model.arrays import FloatArray, IntArray
from model.candidates.bins import Bins, Codes


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells of some columns: for each its column and the highest code in it."""

    table: IntArray  # (columns, codes): the cell of each code
    columns: IntArray  # (cells,)
    cuts: IntArray  # (cells,)
    starts: IntArray  # (bins + 1,): where the cells of each bin start
    last: IntArray  # (columns,): the cell of each column's last bin, which leaves nothing to cut off

    @staticmethod
    def of_bins(bins: Bins, columns: IntArray, most: int, offset: int) -> "Cells":
        """Lay out columns in about `most` cells each; where they share, an offset says how many less the first holds."""
        missing, intervals = bins.missing[columns].astype(np.intp), bins.intervals[columns]
        strides = -(-intervals // most)
        shifts = offset % strides
        sizes = missing + (intervals - 1 + shifts) // strides + 1
        order = np.argsort(-sizes, kind="stable")
        rank = np.argsort(order)
        columns_by_bin = np.bincount(sizes)[::-1].cumsum()[::-1][1:]
        starts = np.concatenate([[0], columns_by_bin.cumsum()])

        code = np.arange(int((intervals + missing).max())) - missing[:, None]
        bin_of_code = np.where(code < 0, 0, missing[:, None] + (code + shifts[:, None]) // strides[:, None])
        table = starts[np.minimum(bin_of_code, sizes[:, None] - 1)] + rank[:, None]

        bin_of_cell = np.repeat(np.arange(len(columns_by_bin)), columns_by_bin)
        which = order[np.arange(starts[-1]) - starts[bin_of_cell]]
        position = bin_of_cell - missing[which]
        highest = np.minimum((position + 1) * strides[which] - 1 - shifts[which], intervals[which] - 1)
        cuts = np.where(position < 0, 0, missing[which] + highest)
        return Cells(table, columns[which], cuts, starts, starts[sizes - 1] + rank)

    def run_up(self, sums: FloatArray) -> None:
        """Turn sums (cells, groups) of each cell into sums of it and all lower ones of its column, in place."""
        starts = self.starts.tolist()
        for before, start, end in zip(starts, starts[1:], starts[2:], strict=False):
            sums[start:end] += sums[before : before + end - start]


@dataclass(frozen=True, eq=False)
class Block:
    """Some columns of a table: their cells, and the cell of each value (columns, rows)."""

    columns: IntArray
    cells: Cells
    places: IntArray

    @staticmethod
    def of_codes(codes: Codes, columns: IntArray, cells: Cells) -> "Block":
        """Find the cell of each code."""
        places = np.take_along_axis(cells.table, codes[columns].astype(np.intp), axis=1)
        return Block(columns, cells, places)
