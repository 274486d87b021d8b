"""Imputation in a graph: what the blank cells of a row may hold, given its others; see `model.table.imputation`.

The regression of each pattern of blanks is solved in the graph, by elimination (Gauss and Jordan): correlations need no
pivoting. Rows without blanks skip all of it.
"""

from dataclasses import dataclass

import numpy as np

from model.arrays import FloatArray
from model.onnx.graph import Tensor
from model.table import CategoryEncoding, Imputation


@dataclass(frozen=True, eq=False)
class Gaps:
    """The blanks of columns (rows, columns)."""

    columns: Tensor
    imputation: Imputation
    are_there: Tensor
    """[rows, 1]: 1 where a row has any."""

    @staticmethod
    def find(columns: Tensor, imputation: Imputation) -> "Gaps":
        """Return those of columns, NaN where one is missing."""
        are_there = columns.apply("IsNaN").cast(np.float64).reduce("Max", 1, keepdims=True)
        return Gaps(columns, imputation, are_there)

    @property
    def donors(self) -> int:
        """How many draws a row with blanks has."""
        return len(self.imputation.donors)

    @property
    def draws(self) -> Tensor:
        """[rows, 1]: how many draws each row has."""
        return self.are_there * (self.donors - 1.0) + 1.0

    def fill(self, drawn: Tensor, place: tuple[Tensor, Tensor], encoding: CategoryEncoding) -> Tensor:
        """Return draws (draws, columns) with their blanks filled; `place` is each one's row and its number there."""
        row, number = place
        chosen = _places(self.are_there.take(row, axis=0))
        is_any = chosen.apply("Shape").apply("Greater", np.array([0]))

        def replace() -> Tensor:
            donor = number.take(chosen, axis=0).apply("Mod", np.array(self.donors))
            values, scaler = self._draw(row.take(chosen, axis=0), donor), self.imputation.scaler
            before = drawn.take(chosen, axis=0)
            filled = before.apply("IsNaN").where(values * scaler.scale + scaler.offset, before)
            filled = _choose_categories(filled, before, encoding)
            return drawn.graph.op("ScatterND", drawn, chosen.unsqueeze(1), filled)

        return drawn.graph.choose(is_any, replace, lambda: drawn.apply("Identity"))

    def _draw(self, row: Tensor, donor: Tensor) -> Tensor:
        """Return what the blanks of rows (draws,) may hold by donors (draws,), scaled: (draws, columns)."""
        graph, scaler, donors = row.graph, self.imputation.scaler, self.imputation.donors
        if self.imputation.correlation is None:
            return graph.tensor(donors - donors.mean(axis=0)).take(donor, axis=0)
        columns = self.columns.take(_places(self.are_there), axis=0)
        is_blank = columns.apply("IsNaN")
        patterns, _, pattern, _ = graph.ops("Unique", 4, is_blank.cast(np.float64), axis=0)
        slopes = self._regress(patterns, self.imputation.correlation)
        scaled = is_blank.where(0.0, (columns - scaler.offset) / scaler.scale)
        width = len(scaler.offset)
        expected = graph.each(scaled, pattern, width, lambda cells, which: slopes.take(which, axis=0) @ cells)
        off = donors - (slopes @ donors.T).apply("Transpose", perm=[0, 2, 1])
        residuals = off - off.reduce("Mean", 1, keepdims=True)
        source = (self.are_there.apply("CumSum", np.array(0)) - 1.0).cast(np.int64).take(row, axis=0)
        source = source.apply("Squeeze", np.array([1]))
        where = graph.join(pattern.take(source, axis=0).unsqueeze(1), donor.unsqueeze(1))
        return expected.take(source, axis=0) + residuals.apply("GatherND", where)

    @staticmethod
    def _regress(patterns: Tensor, correlation: FloatArray) -> Tensor:
        """Return, for patterns of blanks (patterns, columns), what known columns tell of each: (patterns, columns, columns)."""
        graph, width = patterns.graph, len(correlation)
        known, numbers = 1.0 - patterns, np.arange(width)
        unit = graph.op("Equal", numbers[:, None], numbers).cast(np.float64)
        both = known.unsqueeze(2) * known.unsqueeze(1)
        system = both * correlation + patterns.unsqueeze(2) * unit  # of unknown columns, a unit matrix
        inverse = graph.repeat(width, system, lambda number, before: _eliminate(number, before, unit))
        return graph.tensor(correlation) @ (inverse * both)


def _places(marks: Tensor) -> Tensor:
    """Return where marks [rows, 1] are not 0: (places,)."""
    return marks.apply("Squeeze", np.array([1])).cast(np.bool_).apply("NonZero").apply("Squeeze", np.array([0]))


def _eliminate(number: Tensor, system: Tensor, unit: Tensor) -> Tensor:
    """Do one step of as many as systems (systems, rows, columns) have columns; after all of them, they are their own inverses."""
    row, column, one = system.take(number, axis=1), system.take(number, axis=2), unit.take(number, axis=0)
    pivot = row.take(number, axis=1).unsqueeze(1)
    return system - ((column - one) / pivot).unsqueeze(2) * (row + one).unsqueeze(1)


def _choose_categories(filled: Tensor, before: Tensor, encoding: CategoryEncoding) -> Tensor:
    """Bring drawn categories to one of them, the likeliest."""
    features = np.unique(encoding.source[encoding.code >= 0]).tolist()
    if not features:
        return filled
    groups = [np.flatnonzero((encoding.source == number) & (encoding.code >= 0)) for number in features]
    rest = np.setdiff1d(np.arange(len(encoding.code)), np.concatenate(groups))
    pieces = [filled.take(rest)]
    for places in groups:
        drawn = filled.take(places)
        likeliest = drawn.apply("ArgMax", axis=1, keepdims=1).apply("Equal", np.arange(len(places)))
        pieces.append(before.take(places[:1]).apply("IsNaN").where(likeliest.cast(np.float64), drawn))
    return filled.graph.join(*pieces).take(np.argsort(np.concatenate([rest, *groups])))
