"""The date format of a column, found by all of its cells, or by most of them."""

from collections.abc import Collection

import numpy as np

from app.tables.columns.common_format import are_most
from app.tables.columns.date_format import (
    DAY_FIRST,
    MAX_MET,
    MONTH_FIRST,
    AmbiguousDates,
    DateFormat,
    are_iso,
    match_date,
)
from app.tables.csv_text import iterate_chunks

_MAX_MONTH = 12


def find_date_format(cells: Collection[str], total: int, asked: str | None) -> DateFormat | None:
    """Return the format in which all of a column's cells, or most, are dates; None if there is none.

    `total` of them are not missing; `asked` is what comes first where no cell tells. Raises `AmbiguousDates` where that is
    not asked, and `ValueError` where some cells must have the day first, and others the month.
    """
    traits = _Traits()
    for piece in iterate_chunks(cells):
        traits.add_all(piece)
    if traits.day_first and traits.month_first:
        raise ValueError(f"{traits.day_first!r} has the day first, but {traits.month_first!r} the month")
    order = DAY_FIRST if traits.day_first else MONTH_FIRST if traits.month_first else None
    if traits.numeric and order is None:
        order = DAY_FIRST if traits.marks == {"."} else asked
        if order is None:
            raise AmbiguousDates(traits.numeric)
    named = DateFormat(traits.name(order))
    fitting = int(np.isfinite(named.read_all(cells, len(cells))).sum())
    return named if are_enough(fitting, total) else None


def are_enough(fitting: int, total: int) -> bool:
    """Return whether a column is one of dates where so many cells are, of all that are not missing."""
    return fitting > 0 and (fitting == total or are_most(fitting, total))


class _Traits:
    """What the texts of a column that look like dates have in common; parts of a date are not kept, since they are large."""

    def __init__(self) -> None:
        self.numeric = self.day_first = self.month_first = ""
        """The least text whose day and month are both numbers, and those that tell which of them comes first."""
        self.marks: set[str] = set()
        self._has_dates = self._has_times = False
        self._met: set[str] = set()

    def add_all(self, texts: list[str]) -> None:
        """Take texts into account."""
        joined = "\n".join(texts)
        if are_iso(joined):
            self._has_dates = True
            self._has_times |= ":" in joined
            return
        for text in set(texts) - self._met:
            self._add(text)
        self._met |= set(texts)
        if len(self._met) > MAX_MET:
            self._met.clear()

    def _add(self, text: str) -> None:
        parts = match_date(text)
        if parts is None:
            return
        self._has_dates |= parts["year"] is not None
        self._has_times |= parts["hour"] is not None
        one, two = parts["one"], parts["two"]
        if one and two:
            self.numeric = min(self.numeric or text, text)
            self.marks.add(str(parts["mark"]))
            if int(one) > _MAX_MONTH:
                self.day_first = min(self.day_first or text, text)
            elif int(two) > _MAX_MONTH:
                self.month_first = min(self.month_first or text, text)

    def name(self, order: str | None) -> str:
        """Return the text of 31 January 2024, half past five, in the format that has this first."""
        parts = {DAY_FIRST: ("31", "01", "2024"), MONTH_FIRST: ("01", "31", "2024"), None: ("2024", "01", "31")}[order]
        date = (min(self.marks) if order else "-").join(parts)
        if not self._has_times:
            return date
        return f"{date}{' ' if order else 'T'}17:30:00" if self._has_dates else "17:30:00"
