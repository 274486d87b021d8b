"""What every candidate gives: a fitted value that answers, and its answers to rows that it did not see.

A fit function takes `features` (rows, columns), `targets` (rows,) and `fold` (rows,), which numbers at least two folds
from 0. It never changes what it was given. Beside it stands a cost, in floating-point operations as `model.trainers.budget`
counts them, that is known before anything is fitted.
"""

from dataclasses import dataclass, fields
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

import numpy as np

from model.arrays import FloatArray, IntArray
from model.table import standardise


@runtime_checkable
class Fitted(Protocol):
    """A frozen dataclass of arrays alone. A row's answer is the same to the last bit whatever other rows are in the batch."""

    def predict(self, features: FloatArray) -> FloatArray:
        """Answer rows (rows, columns): (rows,), or probabilities (rows, classes)."""


Value = TypeVar("Value", bound=Fitted)


@dataclass(frozen=True, eq=False)
class Fit(Generic[Value]):
    """A candidate fitted to all rows, and what was said of each row by what was fitted without its fold."""

    fitted: Value
    out_of_fold: FloatArray


def nbytes(fitted: Any) -> int:
    """Return how many bytes the arrays of a fitted value take, and so about how many a checkpoint of it."""
    values = [getattr(fitted, field.name) for field in fields(fitted)]
    return sum(value.nbytes for value in values if isinstance(value, np.ndarray))


def rows_by_fold(fold: IntArray) -> list[IntArray]:
    """Return the rows of each fold."""
    return [np.flatnonzero(fold == number) for number in range(int(fold.max()) + 1)]


def scale_targets(targets: FloatArray) -> tuple[float, float, FloatArray]:
    """Return mean and deviation of targets (1 if they do not vary), and the targets less the mean in deviations."""
    scaler = standardise(targets[:, None], ())
    return float(scaler.offset[0]), float(scaler.scale[0]), scaler.apply(targets[:, None])[:, 0]
