"""Numbers in the text of many cells, read at once where all are written as JSON writes them: three times as fast."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np
from pydantic_core import from_json

from app.tables.csv_text import is_plain_text, iterate_chunks
from model.arrays import FloatArray

CELLS_PER_PIECE = 10_000
"""How many cells are read at a time; between two pieces other threads may run."""

_OF_NUMBERS = b"0123456789+-.eE "


def parse_plain_numbers(cells: Sequence[str], *, is_plain: bool = False) -> FloatArray:
    """Return cells that Python's `float` reads as numbers (rows,). Raises `ValueError` if one of them is none.

    `is_plain`: whether it is known that they are plain text; float() would also read 1_000, and digits of every script.
    """
    return np.concatenate([_parse(piece, is_plain=is_plain) for piece in iterate_chunks(cells, CELLS_PER_PIECE)])


def _parse(cells: list[str], *, is_plain: bool) -> FloatArray:
    joined = ",".join(cells)
    if not is_plain and not is_plain_text(joined):
        raise ValueError
    if (numbers := _parse_json(joined, len(cells))) is not None:
        with suppress(OverflowError):
            return np.array(numbers, dtype=np.float64)
    return np.fromiter(map(float, cells), np.float64, len(cells))


def are_json_numbers(cells: list[str]) -> bool:
    """Return whether all cells are numbers as JSON has them, of which none begins with a zero before other digits."""
    return _parse_json(",".join(cells), len(cells)) is not None


def _parse_json(joined: str, cells: int) -> Any:
    text = joined.encode()
    # Left over are the commas between the cells, if there is nothing in them but numbers: no `true`, no decimal comma.
    if len(text.translate(None, _OF_NUMBERS)) == cells - 1:
        with suppress(ValueError):  # .5, +5 and 007 are no numbers in JSON
            numbers = from_json(b"[%b]" % text)
            return numbers if len(numbers) == cells else None  # of one empty cell there are none
    return None
