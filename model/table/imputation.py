"""Imputation: what the blank cells of a row may hold, given its others.

With standardised columns, their correlation R, blanks S and known cells O:

    x_S = R_SO R_OO^-1 x_O + e

where e is by how much a donor, a row of the table, is off the same formula (centred over the donors): the conditional
normal distribution (Little & Rubin 2002, section 11.2), with the scatter of real rows instead of a normal one. The
off-diagonals of R are multiplied by N / (N + d), so that few rows of many columns do not make each other up.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from model.arrays import BoolArray, FloatArray, IntArray
from model.table.scaler import Scaler, standardise

DONORS = 32
MAX_IMPUTED_COLUMNS = 300
"""With more, the correlation would be larger than all else in a checkpoint: blanks are then drawn without it."""

MAX_ROWS = 1000
"""From so many rows at the most the correlation is estimated where a table has gaps."""

ROUNDS = 6
"""Of filling gaps and estimating the correlation from what was filled."""

MAX_PATTERNS = 64
"""Patterns of blanks whose regression is kept."""

_RIDGE = 1e-9
"""On the diagonal: so that columns which follow from each other can be told apart."""


@dataclass(frozen=True, eq=False)
class Imputation:
    """Scale, correlation and donors of the columns of a table. Threads may share it."""

    scaler: Scaler
    """Of the columns: to mean 0 and standard deviation 1."""
    correlation: FloatArray | None
    """(columns, columns); None: too many columns, each is drawn by itself."""
    donors: FloatArray
    """(donors, columns): rows of the table, without gaps, scaled."""

    @staticmethod
    def fit(columns: FloatArray) -> "Imputation":
        """Return the imputation of a table (rows, columns), whose own gaps are NaN."""
        rng = np.random.default_rng(len(columns))
        chosen = columns[rng.permutation(len(columns))[:MAX_ROWS]]
        gaps = np.isnan(chosen)
        totals, counts = np.where(gaps, 0.0, chosen).sum(axis=0), (~gaps).sum(axis=0)
        filled = np.where(gaps, totals / np.maximum(counts, 1), chosen)
        found = _estimate(filled)
        for _ in range(ROUNDS if gaps.any() and found.correlation is not None else 0):
            filled = found.fill(chosen)
            found = _estimate(filled)
        return Imputation(found.scaler, found.correlation, found.scaler.apply(_choose_donors(filled, gaps, rng)))

    def fill(self, columns: FloatArray) -> FloatArray:
        """Return columns (rows, columns) with each gap as it is expected, given the row's other cells."""
        gaps, filled = np.isnan(columns), columns.copy()
        rows = np.flatnonzero(gaps.any(axis=1))
        for row in rows[np.lexsort(gaps[rows].T)].tolist():  # those with the same gaps one after another
            filled[row, gaps[row]] = self._unscale(
                self._regression(gaps[row]).expect(self.scaler.apply(columns[row])), gaps[row]
            )
        return filled

    def draw(self, row: FloatArray) -> FloatArray:
        """Return (donors, columns): what a row (columns,) with gaps may be."""
        gaps = np.isnan(row)
        drawn = np.repeat(row[None], len(self.donors), axis=0)
        regression = self._regression(gaps)
        drawn[:, gaps] = self._unscale(regression.expect(self.scaler.apply(row)) + regression.residuals, gaps)
        return drawn

    def _unscale(self, values: FloatArray, gaps: BoolArray) -> FloatArray:
        return np.asarray(values * self.scaler.scale[gaps] + self.scaler.offset[gaps])

    def _regression(self, gaps: BoolArray) -> "_Regression":
        kept, key = self._regressions, gaps.tobytes()
        if (found := kept.get(key)) is None:
            found = _Regression.fit(self, gaps)
            while len(kept) >= MAX_PATTERNS:
                kept.pop(next(iter(kept)), None)
            kept[key] = found
        return found

    @cached_property
    def _regressions(self) -> dict[bytes, "_Regression"]:
        return {}


@dataclass(frozen=True, eq=False)
class _Regression:
    """Of the blank columns on the known ones, all of them scaled."""

    donors: FloatArray
    gaps: IntArray
    known: IntArray
    slope: FloatArray
    """(gaps, known)"""

    @staticmethod
    def fit(imputation: Imputation, gaps: BoolArray) -> "_Regression":
        blank, known, correlation = np.flatnonzero(gaps), np.flatnonzero(~gaps), imputation.correlation
        if correlation is None or not len(known):
            return _Regression(imputation.donors, blank, known[:0], np.zeros((len(blank), 0)))
        slope = np.linalg.solve(correlation[np.ix_(known, known)], correlation[np.ix_(known, blank)]).T
        return _Regression(imputation.donors, blank, known, np.asarray(slope, np.float64))

    def expect(self, row: FloatArray) -> FloatArray:
        """Return the blank cells (gaps,) of a scaled row as they are expected."""
        return np.asarray(self.slope @ row[self.known])

    @cached_property
    def residuals(self) -> FloatArray:
        """(donors, gaps): by how much each donor is off what is expected of it, centred."""
        off = self.donors[:, self.gaps] - np.stack([self.expect(donor) for donor in self.donors])
        return np.asarray(off - off.mean(axis=0))


def _estimate(filled: FloatArray) -> Imputation:
    """Return the imputation of a table without gaps, yet without donors."""
    rows, columns = filled.shape
    scaler = standardise(filled, ())
    if columns > MAX_IMPUTED_COLUMNS:
        return Imputation(scaler, None, filled[:0])
    scaled = scaler.apply(filled)
    correlation = scaled.T @ scaled / rows * (rows / (rows + columns))
    np.fill_diagonal(correlation, 1.0 + _RIDGE)
    return Imputation(scaler, correlation, filled[:0])


def _choose_donors(filled: FloatArray, gaps: BoolArray, rng: np.random.Generator) -> FloatArray:
    """Choose donors, complete rows first; the gaps of others are filled from rows that have the cell."""
    chosen = np.argsort(gaps.sum(axis=1), kind="stable")[:DONORS]
    donors = filled[chosen].copy()
    for column in np.flatnonzero(gaps[chosen].any(axis=0) & ~gaps.all(axis=0)).tolist():
        blank = gaps[chosen, column]
        donors[blank, column] = rng.choice(filled[~gaps[:, column], column], int(blank.sum()))
    return donors
