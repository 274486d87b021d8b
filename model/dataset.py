"""A dataset is a table of samples: features with the targets that belong to them."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from model.activations import FloatArray
from model.errors import OptionsError


@dataclass(frozen=True, eq=False)
class Dataset:
    """Features (samples, inputs) and targets (samples, outputs), row by row."""

    features: FloatArray
    targets: FloatArray
    input_groups: tuple[int, ...] | None = None
    """A number for each feature, from 0; those with one number are one input in other words. None: each by itself."""
    categorical: bool = False
    """Whether the targets are 1 for a sample's category and 0 for the others."""

    def __post_init__(self) -> None:
        if len(self.features) != len(self.targets):
            raise OptionsError(f"{len(self.features)} rows of features, but {len(self.targets)} of targets")
        if not len(self.features):
            raise OptionsError("a training needs at least one row")
        if not (np.isfinite(self.features).all() and np.isfinite(self.targets).all()):
            raise OptionsError("every value of a table must be a finite number")

    def __len__(self) -> int:
        return len(self.features)

    def take(self, samples: np.ndarray[tuple[int], np.dtype[np.intp]] | slice) -> "Dataset":
        """Return these samples, in this order."""
        return Dataset(self.features[samples], self.targets[samples], self.input_groups, self.categorical)

    def split(self, held_out: int, rng: np.random.Generator) -> tuple["Dataset", "Dataset"]:
        """Part into a rest and `held_out` samples drawn at random."""
        order = rng.permutation(len(self))
        return self.take(order[held_out:]), self.take(order[:held_out])

    def mini_batches(self, batch_size: int, rng: np.random.Generator) -> Iterator["Dataset"]:
        """Yield all samples in random order, `batch_size` at a time; the last batch may be smaller."""
        order = rng.permutation(len(self))
        for start in range(0, len(self), batch_size):
            yield self.take(order[start : start + batch_size])
