"""A table of the exam, and a split of it into rows to learn from and rows to be judged by. Cells are text, as in a CSV."""

import csv
import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Columns = Mapping[str, Sequence[str]]


@dataclass(frozen=True, eq=False)
class Split:
    """Rows to learn from and rows to be judged by: cells by column, the target among them; an empty cell is a gap."""

    known: Columns
    fresh: Columns
    target: str
    words: frozenset[str] = frozenset()
    """The columns that hold words."""

    @property
    def features(self) -> list[str]:
        """The names of all columns but the target."""
        return [name for name in self.known if name != self.target]

    @property
    def is_classification(self) -> bool:
        """Whether the target holds words."""
        return self.target in self.words

    @property
    def has_gaps(self) -> bool:
        """Whether a feature is missing anywhere."""
        return any("" in side[name] for side in (self.known, self.fresh) for name in self.features)

    def fresh_words(self) -> dict[str, Sequence[str]]:
        """Return the features of words of the rows to be judged by."""
        return {name: self.fresh[name] for name in self.features if name in self.words}


@dataclass(frozen=True)
class Table:
    """Where splits come from, by seed."""

    name: str
    group: str
    """`kinds` (of a known truth), `functions` (likewise), `odd` (gaps, zeros, outlying cells, words), `real`, `classes`."""
    draw: Callable[[int], Split]
    """From a seed to a split: equal seeds give equal splits."""
    phase: str = "both"
    """`development`, `confirmation`, or `both`: a made table is drawn anew for every seed."""
    is_quick: bool = False
    """Whether it belongs to the few that are looked at while developing."""
    is_shifted: bool = False
    """Whether fresh rows are unlike the rows to learn from, so that no figure from those can foretell errors on these."""


def numbers(cells: Sequence[str]) -> Floats:
    """Return cells as numbers, gaps as NaN."""
    return np.array([float(cell) if cell else np.nan for cell in cells])


def texts(values: Floats) -> list[str]:
    """Return numbers as cells with all their digits, NaN as gaps."""
    return ["" if value != value else repr(value) for value in values.tolist()]  # noqa: PLR0124 - NaN


def write_csv(columns: Columns) -> bytes:
    """Return a CSV with a header row."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue().encode()


def made(known: tuple[Floats, Floats], fresh: tuple[Floats, Floats]) -> Split:
    """Return the split of features (rows, features) and targets (rows,) that are drawn apart."""
    return Split(columns_of(*known), columns_of(*fresh), "y")


def columns_of(features: Floats, target: Floats) -> dict[str, Sequence[str]]:
    """Return the cells of numeric features `x0`, `x1` ... and the target `y`."""
    columns: dict[str, Sequence[str]] = {f"x{place}": texts(values) for place, values in enumerate(features.T)}
    return {**columns, "y": texts(target)}
