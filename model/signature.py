"""A signature says what a table's columns are: the features a model reads and the targets it predicts."""

from dataclasses import dataclass

from model.errors import SignatureError

KINDS = ("number", "category")

RESERVED_NAMES = frozenset({"rows", "coverage"})
"""Names that mean something else in a request."""


@dataclass(frozen=True)
class Column:
    """One named column: of numbers, with the bounds they must keep (None: unbounded), or of categories.

    In arrays a category is its place in `categories`, from 0.
    """

    name: str
    unit: str | None = None
    minimum: float | None = None
    maximum: float | None = None
    kind: str = "number"
    """Or "category"."""
    categories: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.name or self.name != self.name.strip() or not self.name.isprintable():
            raise SignatureError(f"a column needs a printable name without spaces around it: {self.name!r}")
        if self.name in RESERVED_NAMES:
            raise SignatureError(f"the name {self.name!r} is reserved; call the column something else")
        if self.minimum is not None and self.maximum is not None and self.minimum >= self.maximum:
            raise SignatureError(f"the minimum of column {self.name!r} must be less than its maximum")
        self._check_kind()

    @property
    def categorical(self) -> bool:
        """Whether its values are categories."""
        return self.kind == "category"

    def _check_kind(self) -> None:
        if self.kind not in KINDS:
            raise SignatureError(
                f"column {self.name!r} is of no known kind: {self.kind!r}; there are {' and '.join(KINDS)}"
            )
        if self.categorical != bool(self.categories):
            raise SignatureError(f"column {self.name!r} needs categories if, and only if, it is of kind 'category'")
        if len(set(self.categories)) < len(self.categories):
            raise SignatureError(f"column {self.name!r} has the same category twice")
        if self.categorical and (self.minimum, self.maximum) != (None, None):
            raise SignatureError(f"categories have no minimum and no maximum: column {self.name!r}")


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
        if any(column.categorical for column in self.targets) and len(self.targets) > 1:
            raise SignatureError("a target of categories has to be the only one: train a model for each")

    @property
    def classifies(self) -> bool:
        """Whether the answer is a category."""
        return self.targets[0].categorical

    @property
    def columns(self) -> tuple[Column, ...]:
        """All columns: the features, then the targets."""
        return self.features + self.targets
