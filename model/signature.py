"""A signature says what a table's columns are: the features a model reads and the targets it predicts."""

from dataclasses import dataclass

from model.errors import SignatureError

RESERVED_NAMES = frozenset({"rows", "coverage"})
"""Names that mean something else in a request."""


@dataclass(frozen=True)
class Column:
    """One named column of numbers, with the bounds its values must keep (None: unbounded)."""

    name: str
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None

    def __post_init__(self) -> None:
        if not self.name or self.name != self.name.strip() or not self.name.isprintable():
            raise SignatureError(f"a column needs a printable name without spaces around it: {self.name!r}")
        if self.name in RESERVED_NAMES:
            raise SignatureError(f"the name {self.name!r} is reserved; call the column something else")
        if self.minimum is not None and self.maximum is not None and self.minimum >= self.maximum:
            raise SignatureError(f"the minimum of column {self.name!r} must be less than its maximum")


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

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns: the features, then the targets."""
        return self.features + self.targets
