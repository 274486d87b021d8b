"""Columns of text: sequences like any other, in a fraction of the memory."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tables.columns.text_column import TextColumn
from tests.support.memory import peak_memory, reset_peak_memory

CELLS = st.lists(st.text("ab\x1f\n, ", max_size=3), max_size=30)


def column(pieces: list[list[str]], chunk_rows: int = 4) -> TextColumn:
    made = TextColumn(chunk_rows)
    for piece in pieces:
        made.extend(piece)
    return made


@given(st.lists(CELLS, max_size=4), st.integers(1, 7))
def test_it_is_the_sequence_of_what_was_added(pieces: list[list[str]], chunk_rows: int) -> None:
    cells = [cell for piece in pieces for cell in piece]
    made = column(pieces, chunk_rows)

    assert list(made) == cells
    assert made == cells
    assert len(made) == len(cells)
    assert [made[place] for place in range(-len(cells), len(cells))] == cells + cells
    assert made[1:5] == cells[1:5]
    assert made[::-2] == cells[::-2]


def test_there_is_nothing_behind_its_end() -> None:
    with pytest.raises(IndexError):
        column([["a"] * 9])[9]


def test_it_takes_little_more_memory_than_its_text() -> None:
    before = reset_peak_memory()

    made = TextColumn(1000)
    for start in range(0, 10**6, 1000):
        made.extend([f"{number % 100:02}" for number in range(start, start + 1000)])

    assert len(made) == 10**6
    assert peak_memory() - before < 10  # a list of strings takes 57
