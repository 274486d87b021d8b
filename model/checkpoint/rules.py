"""Rules that arrays and values in a checkpoint are held to."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np

from model.arrays import BoolArray, FloatArray

MIN_DOF, MAX_DOF = 0.5, 1e9


@dataclass
class Sizes:
    """What is known while a value is checked: sizes by name, and whether every number must be in its range."""

    known: dict[str, int]
    is_strict: bool = True

    def settle(self, name: str, size: int) -> bool:
        """Tell whether a size suits a name, or a number; a name that is new is settled by it."""
        if name.isdigit():
            return size == int(name)
        may_be_empty, name = name.endswith("*"), name.removesuffix("*")
        return self.known.setdefault(name, size) == size and (size > 0 or may_be_empty)

    def within(self, **others: int) -> "Sizes":
        """Return the sizes for what stands in a value: its own names are its own."""
        return Sizes({**self.known, **others}, self.is_strict)


class Rule(Protocol):
    """What a field must be."""

    def check(self, value: Any, sizes: Sizes, name: str) -> None:
        """Raise ValueError if it is not."""


Allowed = Callable[[FloatArray], BoolArray]


def is_positive(values: FloatArray) -> BoolArray:
    """Tell which numbers are finite and above 0."""
    return np.isfinite(values) & (values > 0)


def is_not_negative(values: FloatArray) -> BoolArray:
    """Tell which numbers are finite and not below 0."""
    return np.isfinite(values) & (values >= 0)


def is_number(values: FloatArray) -> BoolArray:
    """Tell which numbers are finite or infinite."""
    return ~np.isnan(values)


def is_finite_or_nan(values: FloatArray) -> BoolArray:
    """Tell which numbers are not infinite."""
    return ~np.isinf(values)


def is_not_negative_or_nan(values: FloatArray) -> BoolArray:
    """Tell which numbers are finite and not below 0, or NaN."""
    return is_finite_or_nan(values) & ~(values < 0)


def is_dof(values: FloatArray) -> BoolArray:
    """Tell which numbers can be degrees of freedom: with others, quantiles could not be computed."""
    return (values >= MIN_DOF) & (values <= MAX_DOF)


@dataclass(frozen=True)
class Array:
    """A rule for an array. A name of a size that ends with `*` may be 0, all others are at least 1."""

    shape: str
    allowed: Allowed = np.isfinite
    dtypes: tuple[str, ...] = ("float64",)
    is_optional: bool = False

    def check(self, value: Any, sizes: Sizes, name: str) -> None:
        """See `Rule`; settles the sizes that the shape names."""
        if value is None and self.is_optional:
            return
        if not isinstance(value, np.ndarray) or value.dtype.name not in self.dtypes:
            raise ValueError(f"{name} is no array of {' or '.join(self.dtypes)}")
        expected = self.shape.split()
        if len(expected) != value.ndim or not all(map(sizes.settle, expected, value.shape)):
            raise ValueError(f"{name} has the shape {value.shape}, which does not fit ({self.shape})")
        if sizes.is_strict and not self.allowed(value).all():
            raise ValueError(f"{name} holds numbers that are out of range")


@dataclass(frozen=True)
class Numbers:
    """A rule for an array of whole numbers from 0 to below a size."""

    shape: str
    below: str
    array: Array = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "array", Array(self.shape, dtypes=("int64", "int32")))

    def check(self, value: Any, sizes: Sizes, name: str) -> None:
        """See `Rule`."""
        self.array.check(value, sizes, name)
        if ((value < 0) | (value >= sizes.known[self.below])).any():
            raise ValueError(f"{name} holds numbers that are not from 0 to {sizes.known[self.below] - 1}")


@dataclass(frozen=True)
class Value:
    """A rule for a value of one of some kinds, or for a tuple of so many."""

    kinds: tuple[type[Any], ...]
    check_fields: Callable[[Any, Sizes, str], None]
    is_optional: bool = False
    count: str | None = None

    def check(self, value: Any, sizes: Sizes, name: str) -> None:
        """See `Rule`."""
        values = value if self.count else (value,)
        if not isinstance(values, tuple) or (self.count and not sizes.settle(self.count, len(values))):
            raise ValueError(f"{name} is not as many values as there are {self.count}")
        for each in values:
            if each is None and self.is_optional:
                continue
            if type(each) not in self.kinds:
                raise ValueError(f"{name} is none of {', '.join(kind.__name__ for kind in self.kinds)}")
            self.check_fields(each, sizes, name)
