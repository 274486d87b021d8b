"""Marks: what stands in a cell whose value is missing; and which of a column's values fit it, missing ones among them."""

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from model.arrays import FloatArray
from model.table import Column

MISSING = frozenset(
    {
        *("", "?", "-", "--", "---", "–", "—", ".", "..", "..."),  # noqa: RUF001 - as people and offices of statistics write
        *("na", "n/a", "<na>", "nan", "nat", "null", "none", "nil", r"\n"),  # as programs and databases do
        *("#n/a", "#nv", "#div/0!", "#value!", "#wert!", "#ref!", "#bezug!", "#name?", "#num!", "#zahl!", "#null!"),
        *("#calc!", "#spill!", "#getting_data", "#error!"),
    }
)
"""Texts, in lower case, that stand for a missing value in a column that may have missing ones."""

WORDS = frozenset({"none", "nil"})
"""Those of them that are words in a column of words: no allergy is none."""

MAX_SHOWN_MARKS = 5
"""Of a column, in a sentence."""


def is_mark(text: str, column: Column) -> bool:
    """Return whether a text, which is none of the column's words or numbers, stands for a missing value."""
    bare = text.strip()
    return bare.lower() in MISSING or bare in column.marks


Cells = TypeVar("Cells")


def fit_column(
    values: FloatArray, cells: Cells, column: Column, find_missing: Callable[[Cells, Column], NDArray[np.bool_]]
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return values (rows,) that were read from cells, and which of them fit the column: a missing one that may be is NaN, and fits."""
    fits = values >= 0 if column.is_category else np.isfinite(values)
    with np.errstate(invalid="ignore"):
        if column.minimum is not None:
            fits &= values >= column.minimum
        if column.maximum is not None:
            fits &= values <= column.maximum
    if column.may_be_missing and not fits.all():
        missing = ~fits & find_missing(cells, column)
        values[missing], fits = np.nan, fits | missing
    return values, fits


def find_marks(cells: Sequence[object], values: FloatArray) -> list[str]:
    """Return the marks among the cells of a column, which has been read as values (rows,)."""
    missing = (cell for cell, value in zip(cells, values.tolist(), strict=True) if value != value)  # noqa: PLR0124 - NaN
    return sorted(_texts(missing))[:MAX_SHOWN_MARKS]


def _texts(cells: Iterable[object]) -> set[str]:
    return {cell.strip() for cell in cells if isinstance(cell, str)} - {""}
