"""Cells of one column: as text or JSON values, as numbers, and back. A category's number is its place in the column."""

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray
from pydantic_core import to_json

from app.tables.csv_text import is_plain_text
from model.arrays import FloatArray
from model.table import Column

MISSING = frozenset({"", "na", "n/a", "nan", "null", "none"})
"""What a table says, in any case, where a value is missing and may be."""

MOST_INFERRED = 20
"""Different texts that a column may hold to be taken for one of categories."""

NUMBERS_AT_A_TIME = 10_000
"""That become text: between two pieces, other threads get their turn."""

_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")


def numbers_of_text(
    cells: Sequence[str], column: Column, *, is_plain: bool = False
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return cells as numbers, and which of them fit the column; a value that is rightly missing is NaN, and fits."""
    if column.is_category:
        codes = {category: float(code) for code, category in enumerate(column.categories)}
        values = np.array([codes.get(cell.strip(), np.nan) for cell in cells])
        fits = ~np.isnan(values)
    else:
        values = _parsed(cells, is_plain=is_plain)
        fits = np.isfinite(values)
        with np.errstate(invalid="ignore"):
            if column.minimum is not None:
                fits &= values >= column.minimum
            if column.maximum is not None:
                fits &= values <= column.maximum
    if column.may_be_missing and not fits.all():
        missing = np.array([cell.strip().lower() in MISSING for cell in cells])
        values[missing], fits = np.nan, fits | missing
    return values, fits


def numbers_of_values(values: Iterable[float | str | None], column: Column) -> Iterable[float]:
    """Return values that a pydantic model has checked as numbers; a missing one is NaN."""
    codes: dict[float | str | None, float] = {category: float(code) for code, category in enumerate(column.categories)}
    return (np.nan if value is None else codes[value] if codes else float(value) for value in values)


def value_of_text(cell: str, column: Column) -> float | str | None:
    """Return what JSON would have held in a cell's place; None: nothing."""
    text = cell.strip()
    if not text or (column.may_be_missing and text.lower() in MISSING):
        return None
    if column.is_category:
        return text
    try:
        return _float(text)
    except ValueError:
        return text


def text_of_numbers(values: FloatArray, column: Column) -> list[str]:
    """Return the cells that stand for numbers (rows,), with all their digits; those for NaN and infinities are empty."""
    if column.is_category:
        return ["" if value != value else column.categories[int(value)] for value in values.tolist()]  # noqa: PLR0124 - NaN
    return texts(values)


def texts(values: FloatArray) -> list[str]:
    """Return numbers (rows,) as text; what is not finite is empty."""
    pieces = [values[start : start + NUMBERS_AT_A_TIME] for start in range(0, len(values), NUMBERS_AT_A_TIME)]
    found = [
        cell for piece in pieces for cell in to_json(piece.tolist(), inf_nan_mode="null").decode()[1:-1].split(",")
    ]
    return found if np.isfinite(values).all() else ["" if cell == "null" else cell for cell in found]


def has_decimal_comma(cell: str) -> bool:
    """Whether a cell looks like a number that is written with a comma."""
    return _DECIMAL_COMMA.fullmatch(cell.strip()) is not None


def inferred(name: str, cells: Sequence[str], *, as_category: bool, may_be_missing: bool) -> Column:
    """Return the column that cells seem to be: categories if none of them is a number, or if that is asked for.

    Raises `ValueError` where there are too many different texts.
    """
    texts = {cell.strip() for cell in cells} - {""}
    if may_be_missing:
        texts = {text for text in texts if text.lower() not in MISSING}
    if not as_category and (not texts or any(_is_like_a_number(text) for text in texts)):
        return Column(name, may_be_missing=may_be_missing)
    if not as_category and (len(texts) > MOST_INFERRED or len(texts) > max(2, len(cells) / 2)):
        raise ValueError(
            f"column {name!r} holds {len(texts)} different texts in {len(cells)} rows, too many for categories: "
            f"leave it out with ?ignore={name}, or insist with ?categories={name}"
        )
    return Column(name, kind="category", categories=tuple(sorted(texts)), may_be_missing=may_be_missing)


def _is_like_a_number(text: str) -> bool:
    try:
        _float(text)
    except ValueError:
        return has_decimal_comma(text)
    return True


def _parsed(cells: Sequence[str], *, is_plain: bool) -> FloatArray:
    if is_plain or is_plain_text("".join(cells)):
        with suppress(ValueError):
            return np.fromiter(map(float, cells), np.float64, len(cells))
    return np.array([_float_or_nan(cell) for cell in cells])


def _float_or_nan(cell: str) -> float:
    try:
        return _float(cell)
    except ValueError:
        return np.nan


def _float(cell: str) -> float:
    if not is_plain_text(cell):
        raise ValueError(cell)
    return float(cell)
