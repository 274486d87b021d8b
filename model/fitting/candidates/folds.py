"""Folds: which rows are left out together, so that each is judged by candidates that have not seen it.

Few rows need many folds, or what is left to learn from would be much less than what the served candidates have; with
many rows few folds do, and with very many the rows of one fold are enough to judge by.
"""

from dataclasses import dataclass

import numpy as np

from model.arrays import BoolArray, FloatArray, IntArray

FOLDS = ((24, 12), (60, 8), (600, 5))
"""Up to so many rows, so many folds (at most one a row)."""
MIN_FOLDS = 3
MIN_DISTINCT = 4
"""Of fewer different rows too little is left to judge by, if all copies of one are left out."""
COPIED_SHARE = 0.5
"""Equal rows are copies where a column has so many different values for each different row: chance would not make them equal."""
MAX_ROWS_LEFT_OUT_ALL = 3000
"""Of longer tables the rows of one fold alone are judged."""


def find_copies(table: FloatArray) -> IntArray:
    """Return a number for each row of a table (rows, columns) that equal rows share, if they are copies of each other.

    Where no column has many different values rows are equal by chance, and each has a number of its own.
    """
    rows = len(table)
    distinct, first, numbers = np.unique(table, axis=0, return_index=True, return_inverse=True)
    if MIN_DISTINCT <= len(distinct) < rows:
        most = max(len(np.unique(column)) for column in distinct.T)
        if most >= COPIED_SHARE * len(distinct):
            return np.argsort(np.argsort(first))[numbers.reshape(rows)]
    return np.arange(rows)


@dataclass(frozen=True, eq=False)
class Folds:
    """The fold of each row, numbered from 0."""

    numbers: IntArray
    """(rows,)"""
    judged: tuple[int, ...]
    """The folds whose rows are judged."""

    @staticmethod
    def draw(table: FloatArray, rng: np.random.Generator) -> "Folds":
        """Spread the rows of a table (rows, columns), targets among them, over folds at random, evenly; copies of a row together."""
        copies = find_copies(table)
        rows = int(copies.max()) + 1
        count = min(rows, next((count for most, count in FOLDS if rows <= most), MIN_FOLDS))
        numbers = (rng.permutation(rows) % count)[copies]
        return Folds(numbers, (0,) if rows > MAX_ROWS_LEFT_OUT_ALL else tuple(range(count)))

    @property
    def count(self) -> int:
        """How many folds there are."""
        return int(self.numbers.max()) + 1

    @property
    def judged_rows(self) -> IntArray:
        """The rows that are judged, ascending."""
        return self.rows_of(self.judged)

    def rows_of(self, folds: tuple[int, ...]) -> IntArray:
        """Return the rows of these folds, ascending."""
        return np.flatnonzero(np.isin(self.numbers, folds))

    def without(self, fold: int) -> IntArray:
        """Return the rows of all other folds, ascending."""
        return np.flatnonzero(self.numbers != fold)

    def describe(self) -> str:
        """Say in words which rows judge what was trained on which."""
        if len(self.judged) == 1:
            judging = len(self.judged_rows)
            return f"{judging} of {len(self.numbers)} rows were left out once, and judge what was trained on the others"
        return f"each row was left out in one of {self.count} folds, and judges what was trained on the others"

    def are_left_out(self, folds: tuple[int, ...]) -> BoolArray:
        """Tell which rows (rows,) are in these folds."""
        return np.asarray(np.isin(self.numbers, folds))
