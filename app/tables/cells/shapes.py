"""The shapes of a column's texts: all digits are alike, so that a column of many numbers has few of them.

How numbers are written, and whether texts are dates, shows in their shapes. A set of all texts would take twenty times the
memory of a column of short ones.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterable

from app.tables.cells.marks import MISSING
from app.tables.cells.texts import looks_like_a_number
from app.tables.columns import are_json_numbers
from app.tables.csv_text import iterate_chunks

MAX_SHAPES = 5000
"""A column of more is one of words."""

_UNUSUAL = re.compile(r"[^0-9+\-.eE\n]|\.[0-9]*\.|[0-9][-+]|(?:^|\n)0[0-9]")
"""What no plain column of numbers has: other characters, two points, a hyphen behind a digit, a leading zero."""
_ALIKE = str.maketrans("012345678", "999999999")
_FIRST_DIGIT = re.compile("[0-9]")

Shapes = Counter[str]
"""For each shape one text, and in how many cells a text of this shape stands."""


def are_plain_numbers(cells: Iterable[str]) -> bool:
    """Return whether cells are all blank, or such that only plain numbers, and perhaps a few mistakes, can be among them."""
    is_known = False
    for piece in iterate_chunks(cells):
        if are_json_numbers(piece):
            is_known = True
        elif _UNUSUAL.search("\n".join(piece)):
            return False
        is_known = is_known or any(map(looks_like_a_number, piece))
    return is_known


def find_shapes(cells: Iterable[str], marks: Collection[str]) -> Shapes | None:
    """Return the shapes of cells that do not stand for a missing value; None if there are too many."""
    counts: Counter[tuple[str, bool]] = Counter()
    texts: dict[tuple[str, bool], str] = {}
    for cell in cells:
        text = cell.strip()
        if text.lower() in MISSING or text in marks:
            continue
        digit = _FIRST_DIGIT.search(text)
        shape = (text.translate(_ALIKE), digit is not None and digit[0] == "0")
        counts[shape] += 1
        if shape not in texts:
            if len(texts) == MAX_SHAPES:
                return None
            texts[shape] = text
    found: Shapes = Counter()
    for shape, text in texts.items():
        found[text] = counts[shape]
    return found
