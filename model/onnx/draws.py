"""Draws in a graph: a row with blanks or unseen words becomes several rows that it might be, and their answers are averaged.

See `model.table.draws`. A row that is fully known stays one, so it costs no more.
"""

from dataclasses import dataclass

import numpy as np

from model.arrays import BoolArray, FloatArray, IntArray
from model.onnx.columns import encode
from model.onnx.graph import Tensor
from model.onnx.imputation import Gaps
from model.onnx.trees import constant_rows
from model.table import UNSEEN, CategoryEncoding


@dataclass(frozen=True)
class RowDraws:
    """Which row each draw is of (draws,), how many each row has [rows, 1], and over how many levels an unseen word goes [rows, 1]."""

    row: Tensor
    count: Tensor
    levels: Tensor

    def average(self, values: Tensor) -> Tensor:
        """Return the means (rows, any) of values (draws, any)."""
        return self._sum(values) / self.count

    def average_with_variance(self, location: Tensor, variance: Tensor) -> tuple[Tensor, Tensor]:
        """Return the means (rows, targets) of locations (draws, targets), and the variances of a prediction."""
        mean = self.average(location)
        apart = location - mean.take(self.row, axis=0)
        at_most = self.count.apply("Min", self.levels)
        independent = self.levels.apply("Greater", 0.0).where(at_most, self.count)
        spare = (self.count - self.count / independent).apply("Max", 1.0)
        between = self._sum(apart * apart) / spare
        return mean, self.average(variance) + between * (independent + 1.0) / independent

    @property
    def are_several(self) -> Tensor:
        """[rows, 1]: whether a row was drawn more than once."""
        return self.count.apply("Greater", 1.0)

    def _sum(self, values: Tensor) -> Tensor:
        """Return the sums (rows, any) over each row's draws."""
        rows, width = self.count.apply("Shape", start=0, end=1), values.apply("Shape", start=1, end=2)
        nothing = values.graph.op("Expand", np.zeros((1, 1)), values.graph.join(rows, width, axis=0))
        return values.graph.op("ScatterND", nothing, self.row.unsqueeze(1), values, reduction="add")


@dataclass(frozen=True, eq=False)
class _Levels:
    """The features of categories that have columns, and how many levels stand for an unseen word of each."""

    encoding: CategoryEncoding
    features: list[int]
    counts: FloatArray

    @staticmethod
    def of_encoding(encoding: CategoryEncoding) -> "_Levels | None":
        features = np.unique(encoding.source[encoding.code >= 0]).tolist()
        counts = np.array([float(len(encoding.levels(number))) for number in features])
        return _Levels(encoding, features, counts) if features else None

    def words(self, draws: int) -> BoolArray:
        """Tell which columns (draws, columns) are 1 in each draw of a row, where its features are unseen."""
        words, each = np.zeros((draws, len(self.encoding.code)), np.bool_), np.arange(draws)
        for number in self.features:
            columns: IntArray = self.encoding.levels(number)
            words[each, columns[each % len(columns)]] = True
        return words

    def count(self, features: Tensor) -> tuple[Tensor, Tensor]:
        """Return the most levels of a row's unseen words, at least 1, and the fewest, 0 where there are none; [rows, 1]."""
        is_unseen = features.take(self.features).apply("Equal", UNSEEN)
        most = is_unseen.where(self.counts, 1.0).reduce("Max", 1, keepdims=True)
        fewest = is_unseen.where(self.counts, np.array(np.inf)).reduce("Min", 1, keepdims=True)
        return most, fewest.apply("IsInf").where(0.0, fewest)


def draw(features: Tensor, encoding: CategoryEncoding) -> tuple[Tensor, RowDraws | None]:
    """Return columns, a row for each row, or for each draw of it where there may be several."""
    columns, levels = encode(features, encoding), _Levels.of_encoding(encoding)
    gaps = None if encoding.imputation is None else Gaps.find(columns, encoding.imputation)
    if gaps is None and levels is None:
        return columns, None
    count = gaps.draws if gaps else constant_rows(features, np.ones(1))
    fewest = constant_rows(features, np.zeros(1))
    if levels:
        most, fewest = levels.count(features)
        count = count.apply("Max", most)
    largest = max(gaps.donors if gaps else 1, int(levels.counts.max()) if levels else 1)
    place = count.apply("Greater", np.arange(float(largest))).apply("NonZero")  # row by row
    row, number = (place.take(axis, axis=0) for axis in (np.array(0), np.array(1)))
    drawn = columns.take(row, axis=0)
    if gaps:
        drawn = gaps.fill(drawn, (row, number), encoding)
    if levels:
        is_open = features.take(encoding.source).apply("Equal", UNSEEN).take(row, axis=0)
        words = columns.graph.tensor(levels.words(largest)).take(number, axis=0)
        drawn = is_open.apply("And", words).where(1.0, drawn)
    return drawn, RowDraws(row, count, fewest)
