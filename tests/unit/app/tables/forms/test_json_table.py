"""Tables as JSON: every layout is the same table, and what is wrong is told by row and column."""

import json
import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.budget import MAX_ABSENT_CELLS
from app.errors import InvalidBody, MalformedBody
from app.tables import MAX_ERRORS, json_scanner, json_window, table_to_matrix
from app.tables.columns import ABSENT
from app.tables.forms import TableBody, json_table
from app.tables.json_scanner import JsonScanner
from model.table import Column
from tests.support.memory import peak_memory, reset_peak_memory
from tests.support.tables import TABLE
from tests.support.trained import SIGNATURE


def read(value: Any) -> TableBody:
    return json_table.read_json_table(json.dumps(value).encode())


ROWS = [{"a": 1, "b": "x"}, {"a": 2.5, "b": None}]


@pytest.mark.parametrize(
    "cells", [{"0": [1, 2], "1": [3]}, {"0": {"a": 1}, "1": {"a": 2}}, {"0": [1], "1": 3}, [[1], [2]]]
)
def test_lists_and_objects_in_the_place_of_cells_are_cells_that_fit_no_column(cells: Any) -> None:
    table = read({"hours_studied": cells, "hours_slept": {"0": 8, "1": 9} if isinstance(cells, dict) else [8, 9]}).table

    assert len(table) == 2
    with pytest.raises(InvalidBody, match="row 1, column 'hours_studied'"):
        table_to_matrix(table, SIGNATURE.features)


@pytest.mark.parametrize(
    "value",
    [
        {"rows": ROWS},
        ROWS,
        {"a": [1, 2.5], "b": ["x", None]},
        {"rows": {"a": [1, 2.5], "b": ["x", None]}},
        {"a": {"0": 1, "1": 2.5}, "b": {"0": "x", "1": None}},
        {"columns": ["a", "b"], "data": [[1, "x"], [2.5, None]]},
        {"columns": ["a", "b"], "index": [0, 1], "data": [[1, "x"], [2.5, None]]},
    ],
)
def test_every_layout_is_the_same_table(value: Any) -> None:
    assert dict(read(value).table.columns) == {"a": [1, 2.5], "b": ["x", None]}


def test_what_a_row_leaves_out_is_not_what_is_null() -> None:
    rows = [{"a": 1}, {"b": None}, *[{"a": 2}] * 1000]

    columns = read(rows).table.columns
    assert columns["a"] == [1, ABSENT, *[2] * 1000]
    assert columns["b"] == [ABSENT, None, *[ABSENT] * 1000]


def test_what_stands_beside_the_rows_are_options() -> None:
    for table in ({"rows": ROWS}, {"rows": {"a": [1]}}, {"columns": ["a"], "data": [[1]]}):
        assert read({**table, "seed": 7, "x": []}).members == {"seed": 7, "x": []}


def test_an_object_of_values_is_a_single_row() -> None:
    assert read({"a": 1, "b": [2]}).table.is_single
    assert read({}).table.is_single
    assert not read({"a": [1]}).table.is_single


@pytest.mark.parametrize(
    ("value", "detail", "pointer"),
    [
        (7, "the body: should be an object", ""),
        ([], "'rows': should have at least 1 item, not 0", "/rows"),
        ([{}, 5], "row 2: should be an object", "/rows/1"),
        ({"rows": 5}, "'rows': should be a valid list", "/rows"),
        ({"rows": {"0": {}}}, "'rows': should be a valid list", "/rows"),
        ({"a": [1, 2], "b": [1]}, "column 'b' has 1 cells, but 'a' has 2", ""),
        ({"a": []}, "'rows': should have at least 1 item, not 0", "/rows"),
        ({"columns": ["a"], "data": [[1], [1, 2]]}, "row 2 has 2 cells, but `columns` names 1", "/data/1"),
        ({"columns": ["a", "a"], "data": [[1, 2]]}, "two columns of the table are called 'a'", "/columns/1"),
        ({"columns": [None], "data": [[1]]}, "column 1: the name should be a text", "/columns/0"),
    ],
)
def test_what_is_no_table_is_told_with_its_place(value: Any, detail: str, pointer: str) -> None:
    with pytest.raises(InvalidBody) as found:
        read(value)

    assert [(error.detail, error.pointer) for error in found.value.errors] == [(detail, pointer)]


def wrong(value: Any, columns: tuple[Column, ...] = SIGNATURE.columns) -> list[tuple[str, str]]:
    """Return what is said to be wrong with a table for these columns."""
    with pytest.raises(InvalidBody) as found:
        table_to_matrix(read(value).table, columns)
    return [(error.detail, error.pointer) for error in found.value.errors]


def test_of_many_errors_the_first_are_told() -> None:
    errors = wrong({"rows": [{}] * 1000})

    assert len(errors) == MAX_ERRORS
    assert [pointer for _, pointer in errors[:4]] == [
        "/rows/0/hours_studied",
        "/rows/0/hours_slept",
        "/rows/0/score",
        "/rows/1/hours_studied",
    ]


@pytest.mark.parametrize("first", [0, 1, 999, 1000, 25_000])
def test_errors_of_several_rows_are_told(first: int) -> None:
    rows = [*[TABLE[0]] * first, {**TABLE[0], "score": "a"}, *TABLE, {**TABLE[0], "x": 1}]

    assert wrong(rows) == [
        (f"row {first + 1}, column 'score': should be a valid number, not 'a'", f"/rows/{first}/score"),
        (
            f"row {first + 5}, column 'x': is not a column of this model; ?ignore=x leaves it out",
            f"/rows/{first + 4}/x",
        ),
    ]


def test_a_name_that_is_too_long_to_tell_is_cut_and_the_pointer_ends_before_it() -> None:
    ((detail, pointer),) = wrong({"rows": [{**TABLE[0], "~" * 251: 1}]})

    assert detail.startswith(f"row 1, column '{'~' * 200}...': is not a column of this model")
    assert pointer == "/rows/0"


KIND = (Column("x"), Column("kind", kind="category", categories=("1", "2", "true")))


def test_a_number_stands_for_the_category_of_its_digits() -> None:
    table = read({"x": [1, 1, 1], "kind": [2, "1", True]}).table

    assert table_to_matrix(table, KIND)[:, 1].tolist() == [1, 0, 2]
    assert [pointer for _, pointer in wrong([{"x": "a", "kind": 2}], KIND)] == ["/rows/0/x"]


@pytest.mark.parametrize("value", ["5", True, None, [4], {"a": 1}, 10**400, math.nan, math.inf])
def test_what_is_no_number_is_none_in_any_layout(value: Any) -> None:
    column = (Column("x"),)
    for table in ([{"x": 1}, {"x": value}], {"rows": {"x": [1, value]}}, {"columns": ["x"], "data": [[1], [value]]}):
        ((detail, pointer),) = wrong(table, column)
        assert detail.startswith("row 2, column 'x': ")
        assert pointer == "/rows/1/x"


WIDE = tuple(Column(f"x{number}", may_be_missing=True) for number in range(1000))


def test_more_cells_are_left_out_than_memory_should_hold() -> None:
    enough = MAX_ABSENT_CELLS // len(WIDE)

    assert wrong({"rows": [{}] * (enough + 1)}, WIDE) == [
        ("the rows leave out more than 20,000,000 cells: send fewer rows at a time", "/rows")
    ]
    with pytest.raises(InvalidBody, match="leave out more"):
        read([{str(number): 1} for number in range(5000)])


LONG = tuple(f"{number:0200}" for number in range(1000))
COSTLY: dict[str, tuple[tuple[Column, ...], Any]] = {
    "rows without cells": (tuple(replace(column, may_be_missing=False) for column in WIDE), [{}] * 2000),
    "categories": ((Column("x", kind="category", categories=LONG),), [{"x": ""}] * 5000),
}


@pytest.mark.parametrize(("columns", "rows"), COSTLY.values(), ids=COSTLY)
def test_wrong_bodies_cost_no_more_than_their_first_errors(columns: tuple[Column, ...], rows: Any) -> None:
    """With all their errors these took 180 MB to 1.7 GB."""
    wrong({"rows": [{}]}, columns)  # builds what is built once
    before = reset_peak_memory()

    assert len(wrong({"rows": rows}, columns)) == MAX_ERRORS

    assert peak_memory() - before < 40


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 10**20)
    | st.floats(allow_nan=False)
    | st.text('ab",}]{[\\\n', max_size=4),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text("ab", max_size=1), inner, max_size=2),
    max_leaves=3,
)


@given(st.lists(VALUES, max_size=30), st.integers(1, 60), st.sampled_from([None, 1]), st.sampled_from([0, 2]))
def test_lists_are_read_some_items_at_a_time_as_at_once(
    items: list[Any], piece: int, indent: int | None, singly: int
) -> None:
    scanner = JsonScanner(json.dumps(items, indent=indent).encode())
    scanner.peek()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_scanner, "PIECE_CHARACTERS", piece)
        patch.setattr(json_window, "WINDOW_BYTES", piece // 2 + 1)
        patch.setattr(json_scanner, "MAX_SINGLE_ITEMS", singly)
        read = [item for found in scanner.pieces(()) for item in found]

    assert read == items
    assert not scanner.peek()


@given(
    st.lists(st.sampled_from(['{"a":1}', '{"a":1,"a":2}', '"},"', "[1]", '{"b":{"c":1,"c":1}}']), max_size=8),
    st.integers(1, 40),
)
def test_a_key_that_occurs_twice_is_named_wherever_pieces_end(items: list[str], piece: int) -> None:
    body = f"[{','.join(items)}]".encode()

    def outcome(characters: int) -> Any:
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(json_scanner, "PIECE_CHARACTERS", characters)
            patch.setattr(json_window, "WINDOW_BYTES", characters)
            try:
                return len(json_table.read_json_table(body).table)
            except InvalidBody as error:
                return error.errors

    assert outcome(piece) == outcome(1)


@given(st.text('[]{},:"a1 \n\\\\uéd8', max_size=30), st.integers(1, 9))
def test_what_is_no_json_gets_the_error_that_python_gives(text: str, piece: int) -> None:
    def outcome(body: bytes) -> str:
        try:
            json_table.read_json_table(body)
        except MalformedBody as error:
            return str(error)
        except InvalidBody:
            pass
        return "JSON"

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(json_window, "WINDOW_BYTES", piece)
        found = outcome(text.encode())
    assert found.startswith(expected_of(text))


def expected_of(text: str) -> str:
    """Return what Python's own reader says to a text, in our words."""
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return f"the body is not JSON: {error}" if text.strip() else "the body is empty"
    return "JSON"
