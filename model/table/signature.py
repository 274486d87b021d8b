"""A signature says what a table's columns are: the features a model reads and the targets it predicts."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from model.errors import SignatureError

RESERVED_NAMES = frozenset({"rows", "coverage"})
"""Names that mean something else in a request."""

KINDS = ("number", "category")

UNSEEN = -1.0
"""In arrays, the number of a category that is not among a column's own."""

MAX_CATEGORIES = 1000


@dataclass(frozen=True)
class Column:
    """One named column: of numbers, with the bounds its values must keep (None: unbounded), or of categories.

    In arrays a category is its number in `categories`, from 0.
    """

    name: str
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    kind: str = "number"
    categories: tuple[str, ...] = ()
    may_be_missing: bool = False
    """Whether a row may leave it open; what it may be is then drawn, given the others."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "categories", tuple(self.categories))  # JSON has lists only
        if not self.name or self.name != self.name.strip() or not self.name.isprintable():
            raise SignatureError(f"a column needs a printable name without spaces around it: {self.name!r}")
        if self.name in RESERVED_NAMES:
            raise SignatureError(f"the name {self.name!r} is reserved; call the column something else")
        self._check_bounds()
        self._check_kind()

    def _check_bounds(self) -> None:
        for which, bound in (("minimum", self.minimum), ("maximum", self.maximum)):
            if bound is not None and not abs(bound) <= sys.float_info.max:  # so written, it holds for NaN too
                raise SignatureError(f"the {which} of column {self.name!r} must be a finite number")
        if self.minimum is not None and self.maximum is not None and self.minimum >= self.maximum:
            raise SignatureError(f"the minimum of column {self.name!r} must be less than its maximum")

    def _check_kind(self) -> None:
        if self.kind not in KINDS:
            raise SignatureError(f"column {self.name!r} must be of kind {' or '.join(KINDS)}, not {self.kind!r}")
        if self.is_category != bool(self.categories):
            raise SignatureError(f"column {self.name!r}: categories are for the kind 'category', which needs them")
        if len(set(self.categories)) < len(self.categories) or len(self.categories) > MAX_CATEGORIES:
            raise SignatureError(f"the categories of column {self.name!r} must differ, and be {MAX_CATEGORIES} at most")
        if self.is_category and (self.minimum is not None or self.maximum is not None):
            raise SignatureError(f"column {self.name!r} holds categories, which have no bounds")

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> "Column":
        """Return what `dataclasses.asdict` was called on."""
        return Column(**{**values, "categories": tuple(values.get("categories", ()))})

    @property
    def is_category(self) -> bool:
        """Whether it holds categories."""
        return self.kind == "category"


@dataclass(frozen=True)
class Signature:
    """The columns of a model: features in, targets out."""

    features: tuple[Column, ...]
    targets: tuple[Column, ...]

    def __post_init__(self) -> None:
        if not self.features or not self.targets:
            raise SignatureError("a signature needs at least one feature and one target")
        names = [column.name for column in self.columns]
        for name in names:
            if names.count(name) > 1:
                raise SignatureError(f"two columns are called {name!r}")
        if len(self.targets) > 1 and any(target.is_category for target in self.targets):
            raise SignatureError("a target of categories must be the only target")

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> "Signature":
        """Return what `dataclasses.asdict` was called on."""
        return Signature(
            *(tuple(Column.from_dict(column) for column in values[side]) for side in ("features", "targets"))
        )

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns: the features, then the targets."""
        return self.features + self.targets

    @property
    def is_classification(self) -> bool:
        """Whether the model predicts categories rather than numbers."""
        return self.targets[0].is_category
