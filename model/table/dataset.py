"""A dataset is a table of samples: features with the targets that belong to them."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from model.arrays import FloatArray, IntArray
from model.errors import OptionsError


@dataclass(frozen=True, eq=False)
class Dataset:
    """Features (samples, inputs; NaN where one is missing) and targets (samples, outputs), row by row."""

    features: FloatArray
    targets: FloatArray
    input_groups: tuple[int, ...] | None = None
    """A number for each feature, from 0; those with one number come from one feature and share a prior. None: each by itself."""
    loss: str = "squared_error"
    """The loss of a network's outputs on this table: a name in `LOSSES`."""

    def __post_init__(self) -> None:
        if len(self.features) != len(self.targets):
            raise OptionsError(f"{len(self.features)} rows of features, but {len(self.targets)} of targets")
        if not len(self.features):
            raise OptionsError("a training needs at least one row")
        if np.isinf(self.features).any() or not np.isfinite(self.targets).all():
            raise OptionsError("every value of a table must be a finite number")

    @staticmethod
    def join(first: "Dataset", second: "Dataset") -> "Dataset":
        """Return the samples of both, otherwise as the first."""
        features = np.concatenate([first.features, second.features])
        return replace(first, features=features, targets=np.concatenate([first.targets, second.targets]))

    def __len__(self) -> int:
        return len(self.features)

    def take(self, samples: IntArray | slice) -> "Dataset":
        """Return these samples, in this order."""
        return replace(self, features=self.features[samples], targets=self.targets[samples])

    def feature_range(self) -> FloatArray:
        """(2, inputs): the least and the greatest value of each feature."""
        return np.stack([self.features.min(axis=0), self.features.max(axis=0)]).astype(np.float64, copy=False)

    def split(self, held_out: int, rng: np.random.Generator) -> tuple["Dataset", "Dataset"]:
        """Split into a rest and `held_out` samples drawn at random."""
        order = rng.permutation(len(self))
        return self.take(order[held_out:]), self.take(order[:held_out])

    def mini_batches(self, batch_size: int, rng: np.random.Generator) -> Iterator["Dataset"]:
        """Yield all samples in random order, `batch_size` at a time; the last batch may be smaller."""
        order = rng.permutation(len(self))
        for start in range(0, len(self), batch_size):
            yield self.take(order[start : start + batch_size])
