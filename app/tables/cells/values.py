"""JSON values of one column: as numbers, and as the text that a CSV would have for them."""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic_core import to_json

from app.tables.cells.marks import fit_column, is_mark
from app.tables.columns import ABSENT, NumberColumn, ValueColumn, know_words, parse_date_format, parse_format
from model.arrays import FloatArray
from model.table import Column


def parse_values(values: Sequence[Any] | FloatArray, column: Column) -> tuple[FloatArray, NDArray[np.bool_]]:
    """Return values as numbers (rows,), and which of them fit the column; one that may be missing is NaN, and fits.

    An array is of a column of numbers. A word, or a number, that is none of a column's categories is `UNSEEN`, and does not fit.
    """
    if column.is_category:
        numbers = know_words(column.categories).encode(values, len(values))
    else:
        numbers = _to_numbers(values, column)
    return fit_column(numbers, values, column, _find_missing)


def iterate_values(values: Iterable[Any]) -> Iterator[str]:
    """Yield the text of each value: a word as it is, a number with all its digits, nothing for None."""
    return (
        value if isinstance(value, str) else "" if value is None or value is ABSENT else to_json(value).decode()
        for value in values
    )


class ValueTexts(Collection[str]):
    """The texts of values, made as they are asked for."""

    def __init__(self, values: Sequence[Any]) -> None:
        self._values = values

    def __iter__(self) -> Iterator[str]:
        return iterate_values(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __contains__(self, text: object) -> bool:
        return any(text == each for each in self)


def are_numbers(values: Sequence[Any] | FloatArray) -> bool:
    """Return whether all values are numbers, or in a column of numbers where there is none."""
    return isinstance(values, NumberColumn | np.ndarray) or (
        isinstance(values, ValueColumn) and values.to_floats() is not None
    )


def _find_missing(values: Sequence[Any] | FloatArray, column: Column) -> NDArray[np.bool_]:
    if isinstance(values, np.ndarray):  # which has no other way to say so than NaN
        return np.isnan(values)
    if isinstance(values, NumberColumn):
        return values.find_gaps()
    return np.array([_is_missing(value, column) for value in values])


def _is_missing(value: Any, column: Column) -> bool:
    return value is None or value is ABSENT or (isinstance(value, str) and is_mark(value, column))


def _to_numbers(values: Sequence[Any] | FloatArray, column: Column) -> FloatArray:
    if isinstance(values, np.ndarray):
        return np.array(values)  # what is missing is written into it
    if column.is_date:
        return parse_date_format(column.reading).read_all(values, len(values))
    if isinstance(values, ValueColumn | NumberColumn) and (floats := values.to_floats()) is not None:
        return floats
    if set(map(type, values)) <= {int, float}:
        with suppress(OverflowError):  # an integer may be too large for a float
            return np.fromiter(values, np.float64, len(values))
    read = parse_format(column.reading).read if column.reading else None
    return np.fromiter((_to_number(value, read) for value in values), np.float64, len(values))


def _to_number(value: Any, read: Callable[[str], float] | None) -> float:
    """Return a number as it is, a text as the column's format reads it, if it has one, anything else as NaN: so is `true`."""
    if read is not None and isinstance(value, str):
        return read(value)
    if type(value) is not int and type(value) is not float:
        return np.nan
    try:
        return float(value)
    except OverflowError:
        return np.nan
