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

MISSING = frozenset({"", "na", "n/a", "#n/a", "<na>", "nan", "null", "none", "?", "-", "--", ".", "#div/0!", "#value!"})
"""Texts, in lower case, that stand for a missing value in a column that may have missing ones."""

MAX_INFERRED_CATEGORIES = 20
"""A column of more different texts than this is not taken for one of categories unless the request says so."""

NUMBERS_PER_PIECE = 10_000
"""How many numbers become text at a time; between two pieces other threads may run."""

_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")


def parse_cells(
    cells: Sequence[str], column: Column, *, is_plain: bool = False
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return cells as numbers (rows,), and which of them fit the column; a missing value that may be missing is NaN, and fits."""
    if column.is_category:
        codes = {category: float(code) for code, category in enumerate(column.categories)}
        values = np.array([codes.get(cell.strip(), np.nan) for cell in cells])
        fits = ~np.isnan(values)
    else:
        values = _parse_numbers(cells, is_plain=is_plain)
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


def encode_values(values: Iterable[float | str | None], column: Column) -> Iterable[float]:
    """Return values that a pydantic model has checked as numbers; a missing one is NaN."""
    codes: dict[float | str | None, float] = {category: float(code) for code, category in enumerate(column.categories)}
    return (np.nan if value is None else codes[value] if codes else float(value) for value in values)


def cell_to_json(cell: str, column: Column) -> float | str | None:
    """Return the JSON value that a cell stands for; None if the cell is empty or stands for a missing value."""
    text = cell.strip()
    if not text or (column.may_be_missing and text.lower() in MISSING):
        return None
    if column.is_category:
        return text
    try:
        return _parse_number(text)
    except ValueError:
        return text


def format_cells(values: FloatArray, column: Column) -> list[str]:
    """Return the cells that stand for numbers (rows,), with all their digits; those for NaN and infinities are empty."""
    if column.is_category:
        return ["" if value != value else column.categories[int(value)] for value in values.tolist()]  # noqa: PLR0124 - NaN
    return format_numbers(values)


def format_numbers(values: FloatArray) -> list[str]:
    """Return numbers (rows,) as text; what is not finite is empty."""
    pieces = [values[start : start + NUMBERS_PER_PIECE] for start in range(0, len(values), NUMBERS_PER_PIECE)]
    found = [
        cell for piece in pieces for cell in to_json(piece.tolist(), inf_nan_mode="null").decode()[1:-1].split(",")
    ]
    return found if np.isfinite(values).all() else ["" if cell == "null" else cell for cell in found]


def has_decimal_comma(cell: str) -> bool:
    """Whether a cell looks like a number that is written with a comma."""
    return _DECIMAL_COMMA.fullmatch(cell.strip()) is not None


def infer_column(name: str, cells: Sequence[str], *, as_category: bool, may_be_missing: bool) -> Column:
    """Return the column that cells seem to belong to: of categories if none of them is a number, or if that is asked for.

    Raises `ValueError` where there are too many different texts.
    """
    texts = {cell.strip() for cell in cells} - {""}
    if may_be_missing:
        texts = {text for text in texts if text.lower() not in MISSING}
    if not as_category and (not texts or any(_looks_like_a_number(text) for text in texts)):
        return Column(name, may_be_missing=may_be_missing)
    if not as_category and (len(texts) > MAX_INFERRED_CATEGORIES or len(texts) > max(2, len(cells) / 2)):
        raise ValueError(
            f"column {name!r} holds {len(texts)} different texts in {len(cells)} rows, too many for categories: "
            f"leave it out with ?ignore={name}, or insist with ?categories={name}"
        )
    return Column(name, kind="category", categories=tuple(sorted(texts)), may_be_missing=may_be_missing)


def _looks_like_a_number(text: str) -> bool:
    try:
        _parse_number(text)
    except ValueError:
        return has_decimal_comma(text)
    return True


def _parse_numbers(cells: Sequence[str], *, is_plain: bool) -> FloatArray:
    if is_plain or is_plain_text("".join(cells)):
        with suppress(ValueError):
            return np.fromiter(map(float, cells), np.float64, len(cells))
    return np.array([_parse_number_or_nan(cell) for cell in cells])


def _parse_number_or_nan(cell: str) -> float:
    try:
        return _parse_number(cell)
    except ValueError:
        return np.nan


def _parse_number(cell: str) -> float:
    if not is_plain_text(cell):
        raise ValueError(cell)
    return float(cell)
