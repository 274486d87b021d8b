"""A request's body: as it came, with the media type by which its reader is chosen, and as that has read it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.frames import ARROW, ARROW_FILE, PARQUET
from app.tables.byte_search import count_byte, has_byte
from app.tables.table import Table

CSV = "text/csv"
JSON = "application/json"
NDJSON = "application/x-ndjson"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


PACKED = frozenset({XLSX, ARROW, ARROW_FILE, PARQUET})
"""Those of which a row may take less than a byte, and which take a while to read however short they are."""


@dataclass(frozen=True)
class Body:
    """A request's body; of a form with one file, that file."""

    data: bytes
    media_type: str = JSON
    """One of those that there is a reader for."""
    charset: str | None = None
    """What the Content-Type says about the text's encoding; None: nothing."""
    max_bytes: int = 128 * 1024 * 1024
    """The most that it may be, unpacked."""
    sheet: str | None = None
    """Which sheet of a workbook is meant; None, or no text: the first."""

    @property
    def is_csv(self) -> bool:
        """Whether it is CSV."""
        return self.media_type == CSV

    @property
    def max_rows(self) -> int:
        """As many rows as it can hold at the most: each is an object of its own, a line, or one cell. Counted, not parsed."""
        if self.media_type in PACKED:  # a row may take a byte
            return len(self.data)
        if self.media_type != JSON:
            return count_byte(self.data, b"\n") + count_byte(self.data, b"\r")
        objects = count_byte(self.data, b"{")
        is_by_column = objects <= 2 and has_byte(
            self.data, b"["
        )  # the most that a table has whose lists are not of objects
        return count_byte(self.data, b",") + 1 if is_by_column else objects


@dataclass(frozen=True, eq=False)
class TableBody:
    """A body that has been read."""

    table: Table
    members: Mapping[str, Any] = field(default_factory=dict)
    """What a JSON body holds beside its rows: options."""
