"""A category encoding turns a row's features into columns of numbers alone.

A column of categories becomes one column for each of them, 1 where the row is of that category and 0 elsewhere; one of
dates itself and the circles that its rows warrant (`dates.py`). A
missing value becomes what is expected of it, given the row's other cells, or is drawn (`Imputation`); a word that
training has not seen is each of the known ones in turn.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from model.arrays import BoolArray, FloatArray, IntArray
from model.table.codes import MISSING_MARK, declare_column
from model.table.dataset import Dataset
from model.table.dates import CIRCLES, find_circles, turn
from model.table.draws import Draws
from model.table.imputation import Imputation
from model.table.signature import UNSEEN, Column, Signature

MAX_LEVELS = 20
"""So many known categories, at the most, stand in for one that was never seen."""


@dataclass(frozen=True, eq=False)
class CategoryEncoding:
    """How features (rows, features), categories by number and missing values as NaN, become (rows, columns)."""

    source: IntArray
    """(columns,): the number of the feature that each column is made from; ascending."""
    code: FloatArray
    """(columns,): the category for which the column is 1; NaN where the feature is passed on; below 0, see `CIRCLES`."""
    fill: FloatArray
    """(features,): what stands in for a missing value; NaN for categories."""
    imputation: Imputation | None = None
    """What blanks may hold; None: `fill`, and no category at all."""
    blanks: FloatArray | None = None
    """(features,): the share of rows in which each was blank; None: not known."""

    @staticmethod
    def fit(
        signature: Signature, features: FloatArray, marked: Collection[int] = (), left_out: Collection[int] = ()
    ) -> "CategoryEncoding":
        """Return the encoding that a signature calls for, with what these rows tell about blanks.

        Features that are `marked` get a column more, 1 where they are missing; those `left_out` get none.
        """
        source, code = [], []
        for number, column in enumerate(signature.features):
            codes = [float(each) for each in range(len(column.categories))] or [np.nan]
            codes += find_circles(features[:, number]) if column.is_date else []
            codes = [] if number in left_out else [*codes, *[MISSING_MARK] * (number in marked)]
            source += [number] * len(codes)
            code += codes
        is_category = np.array([column.is_category for column in signature.features])
        present = ~np.isnan(features)
        totals = np.where(present, features, 0.0).sum(axis=0)
        means = np.where(is_category, np.nan, totals / np.maximum(present.sum(axis=0), 1))
        plain = CategoryEncoding(np.array(source, np.intp), np.array(code), means)
        if present.all() and not any(column.may_be_missing for column in signature.features):
            return plain
        imputation = Imputation.fit(plain.with_gaps(features)) if source else None  # without columns there are no gaps
        return replace(plain, imputation=imputation, blanks=1.0 - present.mean(axis=0))

    def apply(self, features: FloatArray) -> FloatArray:
        """Return the columns (rows, columns), one row for each; blanks as they are expected."""
        if not self._is_needed and not np.isnan(features).any():
            return features
        if self.imputation is not None:
            return self.imputation.fill(self.with_gaps(features))
        read = np.where(np.isnan(features), self.fill, features)[:, self.source]
        return self._with_circles(np.where(np.isnan(self.code), read, read == self.code), read)

    def with_gaps(self, features: FloatArray) -> FloatArray:
        """Return the columns (rows, columns), NaN where a value is missing."""
        read = features[:, self.source]
        columns = np.where(np.isnan(self.code) | np.isnan(read), read, read == self.code)
        return self._with_circles(np.where(self.code == MISSING_MARK, np.isnan(read), columns), read)

    def draw(self, features: FloatArray) -> Draws | None:
        """Return several rows of columns for each row with blanks or unseen words; None if there is no such row."""
        is_drawn = self._find_drawn(features)
        if is_drawn is None or not is_drawn.any():
            return None
        known = self.apply(features[~is_drawn]) if not is_drawn.all() else features[:0]
        drawn = {row: self._draw_row(features[row]) for row in np.flatnonzero(is_drawn).tolist()}
        plain = iter(known)
        pieces = [drawn[row] if row in drawn else (next(plain)[None], 0) for row in range(len(features))]
        sizes = np.array([len(piece) for piece, _ in pieces])
        return Draws(
            np.concatenate([piece for piece, _ in pieces]), np.cumsum(sizes) - sizes, np.array([n for _, n in pieces])
        )

    @property
    def draws_a_gap(self) -> int:
        """How many rows of columns at the most stand for one with gaps."""
        return 1 if self.imputation is None else len(self.imputation.donors)

    def fill_missing(self, table: Dataset) -> Dataset:
        """Return a table with its missing numbers filled in, and missing categories as one of their own."""
        features = np.where(np.isnan(table.features), self.fill, table.features)
        return replace(table, features=np.nan_to_num(features, nan=-1.0))

    def collapse(self, found: BoolArray) -> BoolArray:
        """Return, for each feature (rows, features), whether anything is found in its columns (rows, columns)."""
        if not self._is_needed:
            return found
        of_features = np.zeros((len(found), len(self.fill)), np.bool_)
        of_features[:, self.source[self._starts]] = np.logical_or.reduceat(found, self._starts, axis=1)
        return of_features

    def outside(self, columns: FloatArray, domain: FloatArray) -> BoolArray:
        """Tell which features (rows, features) have columns (rows, columns) outside a domain (2, columns)."""
        return self.collapse((columns < domain[0]) | (columns > domain[1]))

    def unseen(self, features: FloatArray) -> BoolArray:
        """Tell which features (rows, features) hold words that training has not seen."""
        return np.asarray((features == UNSEEN) & np.isnan(self.fill))

    def unseen_blanks(self, features: FloatArray) -> BoolArray:
        """Tell which features (rows, features) are blank, where no row of the training was."""
        share = 1.0 if self.blanks is None else self.blanks
        return np.asarray(np.isnan(features) & (share == 0.0))

    def levels(self, number: int) -> IntArray:
        """Return the columns of a feature's categories that stand for an unseen word: all of them, or some of them, evenly spread, where there are many."""
        columns = np.flatnonzero((self.source == number) & (self.code >= 0))
        if len(columns) <= MAX_LEVELS:
            return columns
        return columns[np.linspace(0, len(columns) - 1, MAX_LEVELS).round().astype(np.intp)]

    def columns(self, signature: Signature) -> tuple[Column, ...]:
        """Return the columns as they might be declared, with names such as `colour=red`."""
        pairs = zip(self.source.tolist(), self.code.tolist(), strict=True)
        return tuple(declare_column(signature.features[number], code) for number, code in pairs)

    def _with_circles(self, columns: FloatArray, read: FloatArray) -> FloatArray:
        """Put the circles of dates into columns, in place; `read` has each column's feature, each (rows, columns)."""
        for place in self._circles:
            columns[:, place] = turn(read[:, place], self.code[place])
        return columns

    def _find_drawn(self, features: FloatArray) -> BoolArray | None:
        """(rows,): whether a row has blanks or unseen words; None if none of these rows could have."""
        if self.imputation is not None:
            open_cells = np.isnan(features)
            return np.asarray((open_cells | self.unseen(features)).any(axis=1))
        return np.asarray(self.unseen(features).any(axis=1)) if self._is_needed else None

    def _draw_row(self, features: FloatArray) -> tuple[FloatArray, int]:
        """Return what one row (features,) may be (draws, columns), and how many levels an unseen word went through."""
        row = self.with_gaps(features[None])[0]
        drawn = (
            row[None]
            if self.imputation is None or not np.isnan(row).any()
            else self._choose_categories(self.imputation.draw(row), row)
        )
        levels = {number: self.levels(number) for number in np.flatnonzero(self.unseen(features[None])[0]).tolist()}
        levels = {number: columns for number, columns in levels.items() if len(columns)}
        if not levels:
            return drawn, 0
        count = max(len(drawn), *map(len, levels.values()))
        drawn = drawn[np.arange(count) % len(drawn)]
        for columns in levels.values():
            drawn[np.arange(count), columns[np.arange(count) % len(columns)]] = 1.0
        return drawn, min(map(len, levels.values()))

    def _choose_categories(self, drawn: FloatArray, row: FloatArray) -> FloatArray:
        """Bring the drawn categories of a row (columns,) to one of them, the likeliest, in place."""
        for number in np.unique(self.source[np.isnan(row) & (self.code >= 0)]).tolist():
            columns = np.flatnonzero((self.source == number) & (self.code >= 0))
            likeliest = drawn[:, columns].argmax(axis=1)
            drawn[:, columns] = 0.0
            drawn[np.arange(len(drawn)), columns[likeliest]] = 1.0
        return drawn

    @cached_property
    def _is_needed(self) -> bool:
        return not (np.isnan(self.code).all() and len(self.code) == len(self.fill))

    @cached_property
    def _circles(self) -> list[int]:
        return [place for place, code in enumerate(self.code.tolist()) if code in CIRCLES]

    @cached_property
    def _starts(self) -> IntArray:
        """Where the columns of each feature that has any begin."""
        return np.flatnonzero(np.diff(self.source, prepend=-1))
