"""The cells of a table as JSON has them: numbers, texts, truth values, and null for what is missing.

pandas, polars and NumPy are known by what their values can do, so that none of them has to be installed.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

SECONDS_A_DAY = 86_400.0
MISSING = frozenset({"NAType", "NaTType"})
"""Classes of pandas whose values stand for a missing one; they equal nothing, not even themselves."""
PLAIN = frozenset({bool, int, str, type(None)})
"""Types whose values are cells as they are; a float may be NaN or infinite."""
_INFINITE = (float("inf"), float("-inf"))
WRITTEN = frozenset({"Interval", "Period"})
"""Classes of pandas whose values are sent as the texts that they are written as."""


_FORMS: Sequence[tuple[Callable[[Any], bool], Callable[[Any], Any]]] = (
    (lambda value: value is None or isinstance(value, str | bool | int), lambda value: value),
    (lambda value: isinstance(value, float), lambda value: float(value) if value == value else None),  # noqa: PLR0124 - NaN
    (lambda value: type(value).__name__ in MISSING, lambda _: None),
    (lambda value: isinstance(value, Decimal), lambda value: to_cell(float(value))),
    (lambda value: isinstance(value, dt.timedelta), lambda value: value.total_seconds() / SECONDS_A_DAY),
    (lambda value: hasattr(value, "isoformat"), lambda value: value.isoformat()),
    (lambda value: type(value).__name__ in WRITTEN, str),
    (lambda value: getattr(value, "shape", None) == () and hasattr(value, "item"), lambda value: to_cell(value.item())),
)
"""What a value is, and how it is written; the first that holds."""


def to_cell(value: Any) -> Any:
    """Return a value as JSON has it: a date as ISO 8601 writes it, a span of time in days. Raises `TypeError`."""
    for holds, write in _FORMS:
        if holds(value):
            return write(value)
    raise TypeError(f"a cell cannot be {type(value).__name__}")


def to_cells(name: str, values: Sequence[Any], *, as_text: bool = False) -> list[Any]:
    """Return the cells of a column; `as_text` makes texts of numbers. Raises `TypeError` and `ValueError`, which name the column."""
    kinds = set(map(type, values))
    try:
        cells = [*values] if kinds <= PLAIN else [to_cell(value) for value in values]
    except TypeError as error:
        raise TypeError(f"column {name!r}: {error}") from None
    if not kinds <= PLAIN:
        infinite = next((row for row, cell in enumerate(cells, 1) if cell in _INFINITE), None)
        if infinite is not None:
            raise ValueError(f"row {infinite}, column {name!r}: an infinite number cannot be sent")
    return [cell if cell is None else str(cell) for cell in cells] if as_text else cells
