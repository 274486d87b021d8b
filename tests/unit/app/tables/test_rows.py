"""Rows to matrices: the same table means the same, and gets the same errors, as JSON and as CSV."""

import json
import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import BodyError, InvalidBody
from app.tables import Table, parse_csv
from app.tables.forms.json_table import read_json_table
from app.tables.rows import split_dataset, table_to_matrix, to_rows, write_table
from app.tables.validation import MAX_ERRORS
from model.table.dataset import Dataset
from model.table.signature import Column, Signature

COLUMNS = (Column("x", minimum=-10, maximum=10), Column("y"), Column("kind", kind="category", categories=("a", "b")))

NUMBERS = st.one_of(st.floats(-11, 11), st.floats(allow_nan=False), st.integers(-12, 12).map(float))
CELLS = st.tuples(NUMBERS, NUMBERS, st.sampled_from(["a", "b", "c", ""]))
ROWS = st.lists(CELLS, min_size=1, max_size=30)


Rows = list[dict[str, Any]]


def of_json(rows: Rows, columns: tuple[Column, ...] = COLUMNS) -> np.ndarray[Any, Any]:
    return table_to_matrix(read_json_table(json.dumps({"rows": rows}).encode()).table, columns)


def of_text(rows: Rows, columns: tuple[Column, ...] = COLUMNS) -> np.ndarray[Any, Any]:
    cells = {column.name: [str(row[column.name]) for row in rows] for column in columns}
    return table_to_matrix(Table(cells), columns)


def outcome(read: Callable[[Rows], np.ndarray[Any, Any]], rows: Rows) -> list[list[float]] | tuple[BodyError, ...]:
    """Return the matrix that rows become, or what is said to be wrong with them."""
    try:
        matrix: list[list[float]] = read(rows).tolist()
    except InvalidBody as found:
        return found.errors
    return matrix


@given(ROWS)
def test_a_table_means_the_same_as_json_and_as_text(cells: list[tuple[float, float, str]]) -> None:
    rows = [dict(zip(("x", "y", "kind"), row, strict=True)) for row in cells]
    # What is left out in JSON is an empty cell in a CSV.
    as_json = [{name: value for name, value in row.items() if value != ""} for row in rows]

    assert outcome(of_text, rows) == outcome(of_json, as_json)


def test_rows_become_a_matrix_in_the_order_of_the_columns() -> None:
    rows = [{"kind": "b", "y": 2, "x": 1}, {"x": 3, "kind": "a", "y": 4}]

    assert of_json(rows).tolist() == [[1, 2, 1], [3, 4, 0]]


@pytest.mark.parametrize("count", [1, 2, 5000, 20_001])
def test_many_rows_and_a_single_column_are_rows_all_the_same(count: int) -> None:
    matrix = of_json([{"y": number} for number in range(count)], (Column("y"),))

    assert matrix.shape == (count, 1)
    assert (matrix[:, 0] == np.arange(count)).all()


def test_what_is_missing_and_may_be_is_not_a_number() -> None:
    lenient = (Column("x", may_be_missing=True), Column("y"))

    for matrix in (
        of_json([{"y": 1}, {"x": 2, "y": 3}], lenient),
        of_text([{"x": "", "y": 1}, {"x": 2, "y": 3}], lenient),
        of_text([{"x": " NA ", "y": 1}, {"x": 2, "y": 3}], lenient),
    ):
        assert math.isnan(matrix[0, 0])
        assert matrix[1].tolist() == [2, 3]


def test_a_column_too_few_or_too_many_is_named_and_no_more_of_them_than_anybody_reads() -> None:
    with pytest.raises(InvalidBody) as found:
        table_to_matrix(Table({"x": ["1"], "z": ["2"]}), COLUMNS)
    assert [error.detail for error in found.value.errors] == [
        "column 'kind' is missing",
        "column 'y' is missing",
        "column 'z' is not a column of this model; ?ignore=z leaves it out",
    ]

    with pytest.raises(InvalidBody) as found:
        table_to_matrix(Table({str(number): ["1"] for number in range(1000)}), COLUMNS)
    assert len(found.value.errors) == MAX_ERRORS


def test_columns_that_are_ignored_may_be_there() -> None:
    table = Table({"x": ["1"], "y": ["2"], "kind": ["a"], "answer": ["no number"]})

    assert table_to_matrix(table, COLUMNS, ignored=frozenset({"answer"})).tolist() == [[1, 2, 0]]


@pytest.mark.parametrize(
    "cell",
    ["1_000", "\u0967\u0968", "\uff11\uff12", "0x10", "1e", "--1", "1,5", "nan", "inf", "-Infinity", "1e999", "", " "],
)
def test_a_cell_that_is_no_number_in_json_is_none_in_a_table(cell: str) -> None:
    with pytest.raises(InvalidBody) as found:
        table_to_matrix(Table({"y": ["1", cell, "3"]}), (Column("y"),))

    assert found.value.errors[0].detail.startswith("row 2, column 'y': ")
    assert found.value.errors[0].pointer == "/rows/1/y"


@pytest.mark.parametrize(
    ("cell", "value"), [("1", 1), (" 1.5 ", 1.5), ("+5", 5), (".5", 0.5), ("1e3", 1000), ("-0", 0)]
)
def test_a_number_may_be_written_as_a_spreadsheet_does(cell: str, value: float) -> None:
    assert table_to_matrix(Table({"y": [cell]}), (Column("y"),)).tolist() == [[value]]


@given(st.lists(st.tuples(st.floats(allow_nan=False, allow_infinity=False), st.integers(0, 1)), min_size=1))
def test_a_table_that_was_written_is_read_back_to_the_last_digit(cells: list[tuple[float, int]]) -> None:
    columns = (Column("y"), Column("kind", kind="category", categories=('a "quoted", name', "b")))
    matrix = np.array(cells, dtype=np.float64)
    table = Dataset(matrix[:, :1], matrix[:, 1:])

    read = table_to_matrix(parse_csv(write_table(table, columns)), columns)

    assert (read == matrix).all()


def test_a_matrix_is_parted_into_features_and_targets() -> None:
    table = split_dataset(np.arange(6.0).reshape(2, 3), Signature((Column("a"), Column("b")), (Column("c"),)))

    assert table.features.tolist() == [[0, 1], [3, 4]]
    assert table.targets.tolist() == [[2], [5]]


def test_a_matrix_becomes_rows_again() -> None:
    assert to_rows(np.array([[1.0, 2.0]]), (Column("a"), Column("b"))) == [{"a": 1.0, "b": 2.0}]
