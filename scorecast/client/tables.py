"""Tables as bodies of requests: files of every kind that the service reads, lists, dictionaries and data frames."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

Table = Path | bytes | Sequence[Mapping[str, Any]] | Mapping[str, Sequence[Any]] | Any
"""A file, the bytes of a CSV, rows, columns, or a data frame of pandas or polars."""

CSV, JSON = "text/csv", "application/json"

MEDIA_TYPES: Mapping[str, str] = {
    ".csv": CSV,
    ".tsv": CSV,
    ".txt": CSV,
    ".json": JSON,
    ".ndjson": "application/x-ndjson",
    ".jsonl": "application/x-ndjson",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
"""By how a file's name ends."""


class Body(NamedTuple):
    """What is sent."""

    content: bytes
    media_type: str


def write_body(table: Table) -> Body:
    """Return a table as a body. Raises `TypeError` for what is none, `OSError` for a file that cannot be read."""
    if isinstance(table, Path):
        return Body(table.read_bytes(), MEDIA_TYPES.get(table.suffix.lower(), CSV))
    if isinstance(table, bytes):
        return Body(table, CSV)
    if hasattr(table, "write_csv"):  # polars
        return Body(table.write_csv().encode(), CSV)
    if hasattr(table, "to_csv"):  # pandas
        return Body(table.to_csv(index=False).encode(), CSV)
    if isinstance(table, Mapping | Sequence) and not isinstance(table, str):
        return Body(json.dumps(table, allow_nan=False, default=_to_plain).encode(), JSON)
    raise TypeError(f"a table is a Path, bytes, rows, columns or a data frame, not {type(table).__name__}")


def _to_plain(value: Any) -> Any:
    """Return what JSON can hold: numbers and arrays of NumPy as Python's, dates as ISO 8601 has them."""
    for name in ("tolist", "isoformat"):
        if hasattr(value, name):
            return getattr(value, name)()
    raise TypeError(f"a cell cannot be {type(value).__name__}")
