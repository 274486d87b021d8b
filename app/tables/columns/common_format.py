"""The number format of most cells of a column, where a few are no numbers: 12 kg, 13 kg, n.a, 15 kg."""

from collections import Counter
from collections.abc import Mapping

import numpy as np

from app.tables.columns.number_format import NumberFormat, Signs, find_format, find_signs

MIN_SHARE, MIN_CELLS = 0.8, 3
"""So many of a column's cells that are not missing must be numbers."""


def find_common_format(counts: Mapping[str, int]) -> NumberFormat | None:
    """Return the format in which most cells are numbers; None if there is none.

    `counts` says how many cells of one column are written like each text. Raises `AmbiguousNumbers`.
    """
    total = sum(counts.values())
    by_signs: Counter[Signs] = Counter()
    alike: dict[Signs, list[str]] = {}
    for text, count in counts.items():
        if (signs := find_signs(text)) is not None:
            by_signs[signs] += count
            alike.setdefault(signs, []).append(text)
    if not by_signs:
        return None
    ((signs, cells),) = by_signs.most_common(1)
    if not are_most(cells, total):
        return None
    found = find_format(alike[signs])
    return found if found and are_most(_count_numbers(found, counts), total) else None


def _count_numbers(found: NumberFormat, counts: Mapping[str, int]) -> int:
    return sum(count for text, count in counts.items() if not np.isnan(found.read(text)))


def are_most(cells: int, total: int) -> bool:
    """Return whether so many of a column's cells say what the column is."""
    return cells >= max(MIN_CELLS, MIN_SHARE * total)
