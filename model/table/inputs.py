"""Network inputs: how a table's features become the inputs of a network.

Each input is read from one feature: an affine function of it, held between two limits. So a column can
be passed on, left out, or spread over several inputs.
"""

from dataclasses import dataclass, fields
from functools import cached_property
from itertools import pairwise

import numpy as np

from model.arrays import FloatArray, IntArray
from model.table.scaler import Scaler


@dataclass(frozen=True, eq=False)
class NetworkInputs:
    """input = (clip(feature, low, high) - offset) / scale, with one entry of each array for an input."""

    source: IntArray
    """The number of the feature that each input reads, from 0."""
    low: FloatArray
    high: FloatArray
    offset: FloatArray
    scale: FloatArray

    @staticmethod
    def from_scaler(source: IntArray, scaler: Scaler) -> "NetworkInputs":
        """Pass on these features, as a scaler of all features scales them."""
        unlimited = np.full(len(source), np.inf)
        return NetworkInputs(source, -unlimited, unlimited, scaler.offset[source], scaler.scale[source])

    def with_ramps(self, features: FloatArray, count: int) -> "NetworkInputs":
        """Add, for each feature, ramps between its quantiles: piecewise linear functions, as a tree's steps are piecewise constant.

        Each rises from 0 to 1 between two of `count` + 1 quantiles of the rows (rows, features), or between
        the feature's values themselves where it has no more. So a network may curve differently in each interval.
        """
        ramps = [
            (feature, low, high)
            for feature in np.unique(self.source)
            if len(edges := _choose_edges(features[:, feature], count)) > 2
            for low, high in pairwise(edges)
        ]
        if not ramps:
            return self
        source, low, high = (np.array(part) for part in zip(*ramps, strict=True))
        clipped = np.minimum(np.maximum(features[:, source], low), high)
        mean, deviation = clipped.mean(axis=0), clipped.std(axis=0)
        added = NetworkInputs(source, low, high, mean, np.where(deviation > 0, deviation, 1.0))
        names = [field.name for field in fields(self)]
        return NetworkInputs(*(np.concatenate([getattr(self, name), getattr(added, name)]) for name in names))

    @property
    def groups(self) -> tuple[int, ...]:
        """A number for each input: passed-on features have one each, a feature's ramps have one together."""
        keys = [(source, bool(np.isfinite(low))) for source, low in zip(self.source.tolist(), self.low, strict=True)]
        numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
        return tuple(numbers[key] for key in keys)

    def apply(self, features: FloatArray) -> FloatArray:
        """Return the inputs (rows, inputs) for features (rows, features)."""
        read = features[..., : len(self.source)] if self._is_in_order else features[..., self.source]
        clipped = np.minimum(np.maximum(read, self.low), self.high) if self._is_limited else read
        return (clipped - self.offset) / self.scale

    @cached_property
    def _is_in_order(self) -> bool:
        """Whether the inputs are the first features, one after another: then a view of them will do."""
        return bool(np.array_equal(self.source, np.arange(len(self.source))))

    @cached_property
    def _is_limited(self) -> bool:
        return bool(np.isfinite(self.low).any() or np.isfinite(self.high).any())


def _choose_edges(values: FloatArray, count: int) -> FloatArray:
    distinct = np.unique(values)
    if len(distinct) <= count + 1:
        return distinct
    return np.unique(np.quantile(values, np.linspace(0, 1, count + 1)))
