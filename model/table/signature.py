"""A signature says what a table's columns are: the features a model reads and the targets it predicts."""

import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from model.errors import SignatureError

RESERVED_NAMES = frozenset({"rows", "coverage"})
"""Names that mean something else in a request."""

KINDS = ("number", "category", "date")

INSTEAD_OF_DATES = "predict a number, such as the days until then"
"""What may be done about a target of dates."""

UNSEEN = -1.0
"""In arrays, the number of a category that is not among a column's own."""

MAX_CATEGORIES = 1000


@dataclass(frozen=True)
class Column:
    """One named column: of numbers, with the bounds its values must keep (None: unbounded), of categories, or of dates.

    In arrays a category is its number in `categories`, from 0; a date is the number of days since 1970 began.
    """

    name: str
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    kind: str = "number"
    categories: tuple[str, ...] = ()
    may_be_missing: bool = False
    """Whether a row may leave it open; what it may be is then drawn, given the others."""
    reading: str | None = None
    """How 1234.5 is written in texts of the column, if not so: what reads them needs it, and nothing else does.
    In a column of dates, how 31 January 2024, or half past five, is written."""
    marks: tuple[str, ...] = ()
    """Texts that stand for a missing value, beside those that do in every column."""

    def __post_init__(self) -> None:
        for name in ("categories", "marks"):
            object.__setattr__(self, name, tuple(getattr(self, name)))  # JSON has lists only
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
            raise SignatureError(f"column {self.name!r} must be of kind number, category or date, not {self.kind!r}")
        if self.is_category != bool(self.categories):
            raise SignatureError(f"column {self.name!r}: categories are for the kind 'category', which needs them")
        if len(set(self.categories)) < len(self.categories) or len(self.categories) > MAX_CATEGORIES:
            raise SignatureError(f"the categories of column {self.name!r} must differ, and be {MAX_CATEGORIES} at most")
        if self.kind != "number" and (self.minimum is not None or self.maximum is not None):
            kind = "categories" if self.is_category else "dates"
            raise SignatureError(f"column {self.name!r} holds {kind}, which have no bounds")

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON; without `reading` and `marks` if it has none, as before there were any."""
        values = asdict(self)
        return {name: value for name, value in values.items() if value or name not in {"reading", "marks"}}

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> "Column":
        """Return what `to_dict` was called on."""
        return Column(**values)

    @property
    def is_category(self) -> bool:
        """Whether it holds categories."""
        return self.kind == "category"

    @property
    def is_date(self) -> bool:
        """Whether it holds dates."""
        return self.kind == "date"


@dataclass(frozen=True)
class Signature:
    """The columns of a model: features in, targets out."""

    features: tuple[Column, ...]
    targets: tuple[Column, ...]
    left_out: tuple[str, ...] = ()
    """Names of columns that tables may have beside these, and that tell nothing: names and numbers of things."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "left_out", tuple(self.left_out))
        if not self.features or not self.targets:
            raise SignatureError("a signature needs at least one feature and one target")
        names = [column.name for column in self.columns]
        for name in names:
            if names.count(name) > 1:
                raise SignatureError(f"two columns are called {name!r}")
        if len(self.targets) > 1 and any(target.is_category for target in self.targets):
            raise SignatureError("a target of categories must be the only target")
        for target in self.targets:
            if target.is_date:
                raise SignatureError(
                    f"column {target.name!r} holds dates, which cannot be predicted: {INSTEAD_OF_DATES}"
                )

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON; without `left_out` if nothing is, as before there was any."""
        sides = {side: [column.to_dict() for column in getattr(self, side)] for side in ("features", "targets")}
        return {**sides, **({"left_out": list(self.left_out)} if self.left_out else {})}

    @staticmethod
    def from_dict(values: Mapping[str, Any]) -> "Signature":
        """Return what `to_dict` was called on."""
        sides = [tuple(map(Column.from_dict, values[side])) for side in ("features", "targets")]
        return Signature(sides[0], sides[1], values.get("left_out", ()))

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns: the features, then the targets."""
        return self.features + self.targets

    @property
    def is_classification(self) -> bool:
        """Whether the model predicts categories rather than numbers."""
        return self.targets[0].is_category
