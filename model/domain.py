"""A domain is what a model has seen of each feature; beyond it, it can only guess."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from model.activations import FloatArray
from model.signature import Column


@dataclass(frozen=True, eq=False)
class Domain:
    """The range of each feature of numbers, and which categories of the others occurred."""

    low: FloatArray
    high: FloatArray
    seen: NDArray[np.bool_]
    """(features, categories): true where it occurred; features of numbers are true throughout."""

    @staticmethod
    def of(columns: tuple[Column, ...], features: FloatArray) -> "Domain":
        """Return the domain of a table's features (rows, features)."""
        most = max(len(column.categories) for column in columns)
        seen = np.ones((len(columns), most), dtype=np.bool_)
        for place, column in enumerate(columns):
            if column.categorical:
                seen[place] = np.isin(np.arange(most), features[:, place])
        return Domain(features.min(axis=0), features.max(axis=0), seen)

    def lacks(self, features: FloatArray) -> NDArray[np.bool_]:
        """Tell which values (rows, features) were never seen, nor lie between what was."""
        outside: NDArray[np.bool_] = (features < self.low) | (features > self.high)
        if self.seen.shape[1]:
            place = np.minimum(np.maximum(features, 0), self.seen.shape[1] - 1).astype(np.intp)
            outside |= ~np.take_along_axis(self.seen.T, place, axis=0)
        return outside
