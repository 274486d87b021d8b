"""Tables as bodies of requests: files of every kind that the service reads, rows, columns, data frames and arrays.

How a frame is sent is decided here: as JSON, a column at a time.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from scorecast.client.cells import to_cell, to_cells
from scorecast.client.frames import is_array, is_frame, read_array, read_frame

Table = Path | bytes | Sequence[Mapping[str, Any]] | Mapping[str, Any]
"""A file, the bytes of a CSV, rows, or columns; or a data frame of pandas or polars, which has no type here."""

CSV, JSON = "text/csv", "application/json"
ARROW_FILE = "application/vnd.apache.arrow.file"
"""As which the service reads Arrow's streams, too."""

MEDIA_TYPES: Mapping[str, str] = {
    ".csv": CSV,
    ".tsv": CSV,
    ".txt": CSV,
    ".json": JSON,
    ".ndjson": "application/x-ndjson",
    ".jsonl": "application/x-ndjson",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".arrow": ARROW_FILE,
    ".arrows": "application/vnd.apache.arrow.stream",
    ".feather": ARROW_FILE,
    ".ipc": ARROW_FILE,
    ".parquet": "application/vnd.apache.parquet",
}
"""By how a file's name ends."""

CELLS_PER_BODY = 200_000
"""Of a table to predict: 4 MB as JSON, half of what a body may have; a longer table is sent in several."""


class Body(NamedTuple):
    """What is sent."""

    content: bytes
    media_type: str
    categories: Sequence[str] = ()
    """Columns that hold categories, by their type in a data frame."""


def write_body(table: Any, names: Sequence[str] = ()) -> Body:
    """Return a table as a body; `names` are those of an array's columns.

    Raises `TypeError` and `ValueError` for what is none, `OSError` for a file that cannot be read.
    """
    if isinstance(table, Path):
        return Body(table.read_bytes(), MEDIA_TYPES.get(table.suffix.lower(), CSV))
    if isinstance(table, bytes):
        return Body(table, CSV)
    if is_frame(table):
        columns, categories = read_frame(table)
        return Body(_to_json({"rows": columns}), JSON, categories)
    if is_array(table):
        if not names and not table.dtype.names:
            raise TypeError("an array has no names of columns here: send {'width': array[:, 0], ...}, or a data frame")
        return Body(_to_json({"rows": read_array(table, names)}), JSON)
    if isinstance(table, Mapping | Sequence) and not isinstance(table, str):
        return Body(_to_json(_to_plain(table)), JSON)
    raise TypeError(f"a table is a Path, bytes, rows, columns or a data frame, not {type(table).__name__}")


def is_divisible(table: Any) -> bool:
    """Return whether a table's rows may be sent apart: those of a data frame, an array or a list."""
    return isinstance(table, list) or is_frame(table) or is_array(table)


def split_table(table: Any) -> Iterator[Any]:
    """Yield a table's rows in pieces that are short enough to be sent as they are; of a file all at once."""
    if not is_divisible(table):
        yield table
        return
    rows = max(1, CELLS_PER_BODY // max(1, _count_columns(table)))
    for start in range(0, max(1, len(table)), rows):
        yield slice_rows(table, start, start + rows)


def slice_rows(table: Any, start: int, stop: int) -> Any:
    """Return some of a table's rows."""
    return table.iloc[start:stop] if hasattr(table, "iloc") else table[start:stop]


def _count_columns(table: Any) -> int:
    if isinstance(table, list):
        return len(table[0]) if table and isinstance(table[0], Mapping) else 1
    return int(table.shape[-1])


def _to_plain(value: Any, name: str = "rows") -> Any:
    """Return rows, columns, or whatever holds them, with cells as JSON has them."""
    if isinstance(value, Mapping):
        return {key: _to_plain(each, str(key)) for key, each in value.items()}
    if is_array(value) or hasattr(value, "to_list"):  # of NumPy; a column of a data frame
        return to_cells(name, value.tolist() if hasattr(value, "tolist") else value.to_list())
    if isinstance(value, list | tuple):
        is_nested = any(isinstance(each, Mapping | list | tuple) for each in value)
        return [_to_plain(each, name) for each in value] if is_nested else to_cells(name, value)
    return to_cell(value)


def _to_json(value: Any) -> bytes:
    try:
        return json.dumps(value, allow_nan=False).encode()
    except ValueError:
        raise ValueError("an infinite number cannot be sent") from None
