"""Cells: text, values and numbers of one column."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.tables.cells import (
    ColumnQuery,
    NeverRepeats,
    cell_to_json,
    encode_values,
    format_cells,
    format_numbers,
    infer_column,
    parse_cells,
)
from app.tables.cells.formatting import NUMBERS_PER_PIECE
from model.table.signature import Column

SIZE = Column("size", minimum=0, maximum=10)
COLOUR = Column("colour", kind="category", categories=("blue", "red"))
OPEN_SIZE = Column("size", may_be_missing=True)
OPEN_COLOUR = Column("colour", kind="category", categories=("blue", "red"), may_be_missing=True)


@pytest.mark.parametrize(
    ("cell", "fits"),
    [
        ("5", True),
        (" 5.5e0 ", True),
        ("0", True),
        ("10", True),
        ("-1", False),
        ("11", False),
        ("", False),
        ("x", False),
        ("nan", False),
        ("inf", False),
        ("1_0", False),
        ("4,5", False),
        ("0x1", False),
        ("1e999", False),
    ],
)
def test_a_number_fits_if_it_is_one_within_its_bounds(cell: str, fits: bool) -> None:
    assert parse_cells([cell, "3"], SIZE)[1].tolist() == [fits, True]


def test_a_category_is_its_place_and_others_do_not_fit() -> None:
    numbers, fits = parse_cells(["red", " blue ", "green", ""], COLOUR)

    assert numbers.tolist()[:2] == [1, 0]
    assert fits.tolist() == [True, True, False, False]


@pytest.mark.parametrize("column", [OPEN_SIZE, OPEN_COLOUR])
@pytest.mark.parametrize("cell", ["", " ", "NA", "n/a", "NaN", "null", "None"])
def test_a_value_that_may_be_missing_is_nan_and_fits(column: Column, cell: str) -> None:
    numbers, fits = parse_cells([cell], column)

    assert np.isnan(numbers).all()
    assert fits.all()
    assert cell_to_json(cell, column) is None


@given(st.lists(st.floats(allow_nan=False, allow_infinity=False), min_size=1))
def test_numbers_come_back_from_text_to_the_last_bit(values: list[float]) -> None:
    column = Column("x")
    cells = format_cells(np.array(values), column)

    assert parse_cells(cells, column)[0].tolist() == values


def test_of_many_numbers_all_become_text_and_what_is_none_is_empty() -> None:
    values = np.arange(2.0 * NUMBERS_PER_PIECE + 1)
    values[[0, -1]] = np.nan, np.inf

    cells = format_numbers(values)

    assert cells[0] == cells[-1] == ""
    assert list(map(float, cells[1:-1])) == values[1:-1].tolist()


def test_text_and_values_mean_the_same() -> None:
    for column, cells in ((OPEN_SIZE, ["1", "", "2.5"]), (OPEN_COLOUR, ["red", "", "blue"])):
        values = [cell_to_json(cell, column) for cell in cells]
        assert np.array_equal(list(encode_values(values, column)), parse_cells(cells, column)[0], equal_nan=True)


def test_a_column_without_numbers_holds_categories() -> None:
    assert infer_column("c", ["b", "a", "b"], ColumnQuery()).categories == ("a", "b")
    assert infer_column("c", ["3", "1"], ColumnQuery(as_category=True)).categories == ("1", "3")


@pytest.mark.parametrize("cells", [["1", "2"], ["1", "x"], ["4,5", "3,5"], ["", "1"]])
def test_a_column_with_any_number_is_one_of_numbers(cells: list[str]) -> None:
    """A typing mistake among numbers is an error to be document, and not a category."""
    assert not infer_column("c", cells, ColumnQuery()).is_category


def test_too_many_different_texts_are_no_categories() -> None:
    with pytest.raises(ValueError, match="'name' holds 21 different texts in 22 rows"):
        infer_column("name", [f"n{number}" for number in range(21)] + ["n0"], ColumnQuery())


def test_texts_that_never_repeat_are_no_column_from_ten_on() -> None:
    with pytest.raises(NeverRepeats, match="'name' holds 10 texts that never repeat"):
        infer_column("name", [*map(str.upper, "abcdefghij"), "", ""], ColumnQuery())
    assert infer_column("name", [*map(str.upper, "abcdefghi")], ColumnQuery()).is_category
    assert infer_column("name", [*map(str.upper, "abcdefghij")], ColumnQuery(as_category=True)).is_category
