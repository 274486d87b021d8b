"""Cells of one column as text, read: as numbers, and as the JSON values that they stand for."""

import re
from collections.abc import Iterable, Sequence
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray

from app.tables.cells.formatting import format_numbers
from app.tables.cells.marks import fit_column, is_mark
from app.tables.columns import (
    AmbiguousNumbers,
    find_format,
    know_words,
    parse_date_format,
    parse_format,
    parse_plain_numbers,
)
from app.tables.csv_text import is_plain_text
from model.arrays import FloatArray
from model.table import Column

_DIGIT_AND_LETTER = re.compile(r"[0-9][^\W\d_]\s*$")


def parse_cells(
    cells: Sequence[str], column: Column, *, is_plain: bool = False
) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return cells as numbers (rows,), and which of them fit the column; a missing value that may be missing is NaN, and fits.

    A word that is none of a column's categories is `UNSEEN`, and does not fit.
    """
    if column.is_category:
        values = know_words(column.categories).encode(cells, len(cells))
    elif column.is_date:
        values = parse_date_format(column.reading).read_all(cells, len(cells))
    else:
        values = _parse_numbers(cells, column, is_plain=is_plain)
    return fit_column(values, cells, column, _find_marked)


def _find_marked(cells: Sequence[str], column: Column) -> NDArray[np.bool_]:
    return np.array([is_mark(cell, column) for cell in cells])


def encode_values(values: Iterable[float | str | None], column: Column) -> Iterable[float]:
    """Return values that a pydantic model has checked as numbers; a missing one is NaN."""
    codes: dict[float | str | None, float] = {category: float(code) for code, category in enumerate(column.categories)}
    return (np.nan if value is None else codes[value] if codes else float(value) for value in values)


def cell_to_json(cell: str, column: Column) -> float | str | None:
    """Return the JSON value that a cell stands for; None if the cell is empty or stands for a missing value."""
    text = cell.strip()
    if not text or (column.may_be_missing and text not in column.categories and is_mark(text, column)):
        return None
    if column.kind != "number":
        return text
    if column.reading:
        read: float | str = parse_format(column.reading).read_value(text)
        return read
    number = _parse_number_or_nan(text)
    return text if np.isnan(number) else number


def name_plainly(cell: str) -> str | None:
    """Return how to write the number that a cell seems to stand for, if it is not written plainly."""
    if looks_like_a_number(cell.strip()) or _DIGIT_AND_LETTER.search(cell):  # 1O and 12x are no units
        return None
    try:
        found = find_format([cell])
    except AmbiguousNumbers:
        return cell.strip().replace(",", "")
    return format_numbers(np.array([found.read(cell)]))[0].removesuffix(".0") if found else None


def looks_like_a_number(text: str) -> bool:
    """Return whether a text is a number as Python reads it."""
    return not np.isnan(_parse_number_or_nan(text))


def _parse_numbers(cells: Sequence[str], column: Column, *, is_plain: bool) -> FloatArray:
    if column.reading:
        return parse_format(column.reading).read_all(cells, len(cells))
    with suppress(ValueError):
        return parse_plain_numbers(cells, is_plain=is_plain)
    return np.fromiter(map(_parse_number_or_nan, cells), np.float64, len(cells))


def _parse_number_or_nan(cell: str) -> float:
    try:
        return _parse_number(cell)
    except ValueError:
        return np.nan


def _parse_number(cell: str) -> float:
    text = cell.strip()  # of blanks that float() does not know, too, such as those that do not break
    if not is_plain_text(text):
        raise ValueError(cell)
    return float(text)
