"""Numbers of one column as the text of its cells, with all their digits. A category's number is its place in the column."""

from collections.abc import Iterator

import numpy as np
from pydantic_core import to_json

from app.tables.columns import MICROSECONDS_PER_DAY, parse_date_format
from model.arrays import FloatArray
from model.table import Column

NUMBERS_PER_PIECE = 1000
"""How many numbers become text at a time; between two pieces other threads may run."""


def format_cells(values: FloatArray, column: Column) -> list[str]:
    """Return the cells that stand for numbers (rows,), with all their digits; those for NaN and infinities are empty."""
    if column.is_category:
        return ["" if value != value else column.categories[int(value)] for value in values.tolist()]  # noqa: PLR0124 - NaN
    return format_dates(values, column) if column.is_date else format_numbers(values)


def format_dates(values: FloatArray, column: Column) -> list[str]:
    """Return dates (rows,) as ISO 8601 has them: without times if none has one, and times alone if the column has no dates."""
    moments = (values * MICROSECONDS_PER_DAY).round()
    known = np.isfinite(moments)
    whole = np.where(known, moments, 0.0).astype(np.int64).astype("datetime64[us]")
    are_dates = bool((whole == whole.astype("datetime64[D]")).all())
    texts = np.datetime_as_string(whole.astype("datetime64[D]") if are_dates else whole).tolist()
    if parse_date_format(column.reading).is_time:
        texts = np.datetime_as_string(whole).tolist()
        texts = [text.partition("T")[2] for text in texts]
    return [text if is_known else "" for text, is_known in zip(texts, known.tolist(), strict=True)]


def format_numbers(values: FloatArray) -> list[str]:
    """Return numbers (rows,) as text; what is not finite is empty."""
    return list(iterate_numbers(values))


def iterate_numbers(values: FloatArray) -> Iterator[str]:
    """Yield numbers (rows,) as text, as `format_numbers` does; some of them at a time are made."""
    for start in range(0, len(values), NUMBERS_PER_PIECE):
        piece = values[start : start + NUMBERS_PER_PIECE]
        cells = to_json(piece.tolist(), inf_nan_mode="null").decode()[1:-1].split(",")
        yield from cells if np.isfinite(piece).all() else ["" if cell == "null" else cell for cell in cells]
