"""The text of a CSV: writing it, and what its cells may hold."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from time import monotonic, sleep
from typing import Any, TypeVar

CHUNK_ROWS = 1000
"""The most rows that are read or written at a time; between two chunks other threads may run."""

RUN_SECONDS, SLEEP_SECONDS = 0.002, 1e-5
"""How long chunks are read or written until other threads have their turn, and for how long at least; a sleep takes five times as long."""

CHUNK_CELLS = 10_000
"""The most cells, if a row has no more."""

Row = TypeVar("Row", bound=Sequence[Any])
Value = TypeVar("Value")

_SPECIAL = re.compile(r'[",\r\n]')


def write_csv(names: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table as CSV; numbers keep all their digits, None is an empty cell."""
    return "".join(write_csv_pieces(names, rows))


def write_csv_pieces(names: Sequence[str], rows: Iterable[Sequence[object]]) -> Iterator[str]:
    """Yield a table as CSV, as `write_csv` does, in pieces of whole lines."""
    yield _write_lines([names])
    yield from map(_write_lines, _split(rows, len(names)))


def write_bare_csv_pieces(names: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Yield what `write_csv_pieces` does, in a fraction of the time, for cells of which none needs quotes."""
    yield _write_lines([names])
    for chunk in _split(rows, len(names)):
        yield "\n".join(map(",".join, chunk)) + "\n"


def _split(rows: Iterable[Row], width: int) -> Iterator[list[Row]]:
    return iterate_chunks(rows, max(1, min(CHUNK_ROWS, CHUNK_CELLS // (width or 1))))


def iterate_chunks(values: Iterable[Value], size: int = CHUNK_ROWS) -> Iterator[list[Value]]:
    """Yield values, so many at a time; between two chunks other threads run, every few milliseconds.

    Without the sleep they would not where NumPy gives up the interpreter for microseconds within each chunk: who waits for it
    is woken, finds it taken again, and waits anew.
    """
    waiting, began = iter(values), monotonic()
    while chunk := list(islice(waiting, size)):
        yield chunk
        if monotonic() - began > RUN_SECONDS:
            sleep(SLEEP_SECONDS)
            began = monotonic()


def _write_lines(rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def is_bare_text(text: str) -> bool:
    """Whether a cell needs no quotes."""
    return not _SPECIAL.search(text)


def is_plain_text(text: str) -> bool:
    """Whether a text holds only ASCII and no underscore: Python's float() would also read 1_000, and digits of every script."""
    return text.isascii() and "_" not in text
