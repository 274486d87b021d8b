"""Numbers and texts, packed as the columns of a frame."""

from collections.abc import Iterable, Iterator
from itertools import islice

import numpy as np

from app.frames.frame import Buffer, FrameColumn
from model.arrays import FloatArray

TEXTS_PER_PIECE = 1000
"""How many texts are packed at a time; between two pieces other threads may run."""


def pack_numbers(name: str, values: FloatArray) -> FrameColumn:
    """Return numbers (rows,) as a column; those that are not finite are missing."""
    known = np.isfinite(values)
    return FrameColumn(name, "number", np.ascontiguousarray(values), None if known.all() else known)


def pack_texts(name: str, texts: Iterable[str | None]) -> FrameColumn:
    """Return texts as a column; None is missing."""
    lengths: list[Buffer] = []
    known: list[Buffer] = []
    joined = bytearray()
    for piece in _cut(iter(texts)):
        encoded = [b"" if text is None else text.encode(errors="replace") for text in piece]
        lengths.append(np.fromiter(map(len, encoded), np.int64, len(encoded)))
        known.append(np.array([text is not None for text in piece], dtype=np.bool_))
        joined += b"".join(encoded)
    ends = np.cumsum(np.concatenate([np.zeros(1, dtype=np.int64), *lengths]))
    valid = np.concatenate([np.zeros(0, dtype=np.bool_), *known])
    return FrameColumn(name, "text", ends, None if valid.all() else valid, np.frombuffer(joined, dtype=np.uint8))


def _cut(texts: Iterator[str | None]) -> Iterator[list[str | None]]:
    while piece := list(islice(texts, TEXTS_PER_PIECE)):
        yield piece
