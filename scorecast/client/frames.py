"""Data frames of pandas and polars, and arrays of NumPy: their columns as cells, and answers as what was sent.

None of them is imported: a frame is known by what it can do, and an answer is made by the frame's own class.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from math import nan
from typing import Any

from scorecast.client.cells import to_cells

CATEGORIES = ("category", "Categorical", "Enum")
"""How the types of columns are called in pandas and polars whose values are categories, whatever they look like."""


def is_frame(table: Any) -> bool:
    """Return whether a table is a data frame of pandas or polars."""
    return all(hasattr(table, name) for name in ("shape", "columns", "dtypes", "join"))


def is_array(table: Any) -> bool:
    """Return whether a table is an array of NumPy."""
    return hasattr(table, "__array_interface__") and hasattr(table, "dtype")


def read_frame(frame: Any) -> tuple[dict[str, list[Any]], list[str]]:
    """Return the columns of a frame as cells, and the names of those whose type says that they are categories.

    Raises `TypeError` and `ValueError` for what a table cannot hold.
    """
    columns: dict[str, list[Any]] = {}
    categories: list[str] = []
    for name, series in _iterate_columns(frame):
        if name in columns:
            raise ValueError(f"two columns of the table are called {name!r}")
        is_category = str(series.dtype).startswith(CATEGORIES)
        columns[name] = to_cells(name, series.to_list(), as_text=is_category)
        if is_category:
            categories.append(name)
    return columns, categories


def read_array(array: Any, names: Sequence[str]) -> dict[str, list[Any]]:
    """Return the columns of an array (rows, columns) under these names, or of a structured one under its own."""
    if array.dtype.names:
        return {name: to_cells(name, array[name].tolist()) for name in array.dtype.names}
    if array.ndim != 2 or array.shape[1] != len(names):
        raise ValueError(f"an array should have the shape (rows, {len(names)}), not {array.shape}")
    return {name: to_cells(name, array[:, place].tolist()) for place, name in enumerate(names)}


def like_frame(frame: Any, columns: Mapping[str, Sequence[Any]]) -> Any:
    """Return columns as a frame of the same kind; one of pandas has the same index."""
    if not hasattr(frame, "index"):
        return type(frame)(columns)
    filled = {name: [nan if cell is None else cell for cell in cells] for name, cells in columns.items()}
    return type(frame)(filled, index=frame.index)


def to_array(columns: Mapping[str, Sequence[Any]]) -> Any:
    """Return columns as an array of NumPy, which is loaded: (rows,) if there is one, else (rows, columns)."""
    cells = [*columns.values()]
    rows = cells[0] if len(cells) == 1 else list(zip(*cells, strict=True))
    return sys.modules["numpy"].array(rows)


def _iterate_columns(frame: Any) -> Iterator[tuple[str, Any]]:
    if hasattr(frame, "iter_columns"):  # polars
        return zip(frame.columns, frame.iter_columns(), strict=True)
    return ((str(name), series) for name, series in frame.items())
