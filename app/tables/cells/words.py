"""The different words of a column, as far as they may be categories, and how many there are."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np

from app.tables.cells.marks import MISSING, WORDS
from model.table import MAX_CATEGORIES


@dataclass(frozen=True)
class ColumnQuery:
    """What a request says of a column."""

    as_category: bool = False
    may_be_missing: bool = False
    marks: tuple[str, ...] = ()
    """What stands for a missing value, beside what does in every column."""
    dates: str | None = None
    """What comes first in dates that do not tell: `DAY_FIRST` or `MONTH_FIRST`."""


def find_words(cells: Collection[str], query: ColumnQuery) -> tuple[set[str], int, int]:
    """Return the different words, or just more of them than categories there may be; how many differ, and how many cells have one.

    Many words are told apart by their hashes of 64 bits, which take little memory.
    """
    words: set[str] = set()
    filled = 0
    for filled, word in enumerate(_iterate(cells, query), 1):  # noqa: B007 - counted
        words.add(word)
        if len(words) > MAX_CATEGORIES:
            hashes = np.fromiter(map(hash, _iterate(cells, query)), np.int64)
            return words, len(np.unique(hashes)), len(hashes)
    return words, len(words), filled


def _iterate(cells: Collection[str], query: ColumnQuery) -> Iterator[str]:
    """Yield what stands in each cell that is not missing."""
    missing = {"", *query.marks}
    unread = MISSING - WORDS if query.may_be_missing else frozenset()
    for cell in cells:
        text = cell.strip()
        if text not in missing and text.lower() not in unread:
            yield text
