"""A scaler moves each column of a table into the range where networks learn well, and back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from model.arrays import FloatArray
from model.errors import OptionsError
from model.table.signature import Column


@dataclass(frozen=True, eq=False)
class Scaler:
    """Offset and scale of each column: scaled = (value - offset) / scale."""

    offset: FloatArray
    scale: FloatArray

    def apply(self, values: FloatArray) -> FloatArray:
        """Scale a table (rows, columns)."""
        return (values - self.offset) / self.scale

    def invert(self, scaled: FloatArray) -> FloatArray:
        """Bring scaled values back into the table's units."""
        return scaled * self.scale + self.offset


Columns = tuple[Column, ...]

ROUNDING = 1e-14
"""A column that varies by a smaller share of its largest magnitude varies by rounding alone, and counts as constant."""


def scale_by_maximum(values: FloatArray, _: Columns) -> Scaler:
    """Divide each column by its largest magnitude, as the tutorial does with its inputs."""
    return Scaler(np.zeros(values.shape[1]), _replace_zeros(np.abs(values).max(axis=0)))


def scale_by_declared_maximum(values: FloatArray, columns: Columns) -> Scaler:
    """Divide each column by its declared maximum, as the tutorial does with its score; if it has none, by its largest."""
    largest = scale_by_maximum(values, columns).scale
    declared = [column.maximum if column.maximum and column.maximum > 0 else None for column in columns]
    return Scaler(
        np.zeros(len(columns)),
        np.array([limit or size for limit, size in zip(declared, largest, strict=True)], np.float64),
    )


def standardise(values: FloatArray, _: Columns) -> Scaler:
    """Give each column mean 0 and standard deviation 1; a constant column is only moved."""
    # Moved first, so that small differences of large numbers survive; divided, so that squares of huge ones stay finite.
    origin = values[0]
    largest = np.abs(values).max(axis=0)
    half = values / 2 - origin / 2
    width = _replace_zeros(np.abs(half).max(axis=0))
    mean, deviation = (half / width).mean(axis=0) * 2, (half / width).std(axis=0) * 2
    varies = deviation * width > ROUNDING * largest
    return Scaler(mean * width + origin, _replace_zeros(np.where(varies, deviation * width, 0.0)))


def scale_by_bounds(_: FloatArray, columns: Columns) -> Scaler:
    """Move each column's declared bounds to 0 and 1.

    Raises `OptionsError` for a column without both bounds.
    """
    minimum, maximum = (
        np.array([_read_bound(column, which) for column in columns], np.float64) for which in ("minimum", "maximum")
    )
    return Scaler(minimum, maximum - minimum)


def _read_bound(column: Column, which: str) -> float:
    bound: float | None = getattr(column, which)
    if column.is_date:
        raise OptionsError(
            f"column {column.name!r} holds dates, which have no bounds to scale by: choose another scaling"
        )
    if bound is None:
        raise OptionsError(f"scaling by bounds needs a {which} of column {column.name!r}, which has none declared")
    return bound


def _replace_zeros(scale: FloatArray) -> FloatArray:
    return np.where(scale > 0, scale, 1.0)


class Scaling(NamedTuple):
    """How features and targets are scaled, from their values and their declared columns."""

    features: Callable[[FloatArray, Columns], Scaler]
    targets: Callable[[FloatArray, Columns], Scaler]


SCALINGS: dict[str, Scaling] = {
    "bounds": Scaling(scale_by_bounds, scale_by_bounds),
    "max": Scaling(scale_by_maximum, scale_by_declared_maximum),
    "standard": Scaling(standardise, standardise),
}
