"""A table, in whatever form it came: named columns of cells."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from app.errors import BodyError, InvalidBody, shorten
from app.tables.names import clean_name
from model.table import Column

MAX_SHOWN_NAMES = 10
"""Of a table's columns, that an error lists."""

_NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")

Cell = str | float | bool | None
"""A text or a number; None where there is neither."""


@dataclass(frozen=True, eq=False)
class Table:
    """Named columns of cells; all columns are of the same length."""

    columns: Mapping[str, Sequence[Any]]
    is_plain: bool = False
    """Whether it is known that below the header there are no characters but those that numbers are written with in
    every language, so that cells need not be looked through again."""
    is_bare: bool = False
    """Whether it is known that no cell needs quotes round it to be written."""
    is_typed: bool = False
    """Whether numbers are numbers and texts are words, as in JSON; otherwise all cells are text, as in CSV."""
    has_header: bool = True
    """Whether one header names the columns for all rows; otherwise each row names its own, and may leave some out."""
    is_single: bool = False
    """Whether it was a row by itself, so that the answer is one too."""
    row_count: int | None = None
    """How many rows there are, where there may be no column to tell."""

    @property
    def names(self) -> list[str]:
        """The names of the columns, from left to right."""
        return list(self.columns)

    def without(self, names: Collection[str]) -> "Table":
        """Return the table without some of its columns. Raises `InvalidBody` for one that it has not."""
        if not names:
            return self
        if unknown := [name for name in names if name not in self.columns]:
            raise InvalidBody([self.refuse_name(name, " to leave out") for name in unknown])
        kept = {name: cells for name, cells in self.columns.items() if name not in names}
        return replace(self, columns=kept, row_count=len(self))

    def select(self, names: Collection[str]) -> "Table":
        """Return the table with these columns alone, in its own order. Raises `InvalidBody` for one that it has not."""
        if unknown := [name for name in names if name not in self.columns]:
            raise InvalidBody([self.refuse_name(name) for name in sorted(unknown)])
        return self.without([name for name in self.columns if name not in names])

    def named_as(self, columns: Collection[Column]) -> "Table":
        """Return the table with the names that a model has for its columns, which were once kept as they came."""
        known = {clean: column.name for column in columns if (clean := clean_name(column.name)) != column.name}
        if known.keys().isdisjoint(self.columns):
            return self
        return replace(self, columns={known.get(name, name): cells for name, cells in self.columns.items()})

    def refuse_name(self, name: str, wanted: str = "") -> BodyError:
        """Return the error for a column that the table has not: it says which there are, or that there is no header."""
        shown = ", ".join(repr(shorten(each)) for each in self.names[:MAX_SHOWN_NAMES])
        more = ", ..." if len(self.names) > MAX_SHOWN_NAMES else ""
        separators = ", of cells separated by commas, semicolons, tabs or |" if len(self.names) == 1 else ""
        hint = self.headless or f"it has {shown}{more}{separators if not self.is_typed else ''}"
        return BodyError(f"the table has no column {shorten(name)!r}{wanted}; {hint}", "")

    @property
    def headless(self) -> str:
        """What to do about a table whose first line is no header, as it seems; nothing if it has one."""
        if not self.has_header or self.is_typed or not all(map(_NUMBER.fullmatch, self.names)):
            return ""
        return "its first line holds numbers only, but is taken for the header: write the names of the columns above it"

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()))) if self.row_count is None else self.row_count
