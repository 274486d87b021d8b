"""Bodies, checked: every error says what is wrong and where, and never repeats what is no number."""

import json
import math
from typing import Annotated, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from app.errors import BodyError, InvalidBody
from app.tables.row_schemas import STRICT, row_schema, rows_schema
from app.tables.validation import CELLS_PER_PIECE, MAX_ERRORS, check, check_piecewise
from app.train.options import Options, train_schema
from tests.support.tables import QUESTION, TABLE
from tests.support.trained import SIGNATURE

SCHEMAS: list[type[BaseModel]] = [
    row_schema(SIGNATURE.features),
    rows_schema(SIGNATURE.features),
    train_schema(SIGNATURE.columns),
    Options,
]

KEYS = st.sampled_from(
    [
        "rows",
        "hours_studied",
        "hours_slept",
        "score",
        "trainer",
        "network",
        "seed",
        "name",
        "max_epochs",
        "a/b",
        "~",
        "",
        "é",
    ]
) | st.text(max_size=3)
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from([10**400, "gradient_descent", "levenberg_marquardt", "NaN", -1, 25, 1e999])
    | st.text(max_size=3)
)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5), max_leaves=15
)


def document(schema: type[BaseModel], value: Any) -> tuple[BodyError, ...]:
    """Return what is said to be wrong with a body, if anything."""
    try:
        check(schema, value)
    except InvalidBody as found:
        return found.errors
    return ()


def at(value: Any, pointer: str) -> Any:
    """Return what a JSON pointer points to (RFC 6901)."""
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        value = value[int(key)] if isinstance(value, list) else value[key]
    return value


def is_place(value: Any, pointer: str) -> bool:
    """Whether there is something at a pointer; or, where something is missing, what it is missing from."""
    try:
        at(value, pointer)
    except KeyError:
        return isinstance(at(value, pointer.rpartition("/")[0]), dict)
    return True


@given(st.sampled_from(SCHEMAS), VALUES)
def test_whatever_is_wrong_with_a_body_each_error_points_into_it(schema: type[BaseModel], value: Any) -> None:
    errors = document(schema, value)

    assert len(errors) <= MAX_ERRORS
    for error in errors:
        assert is_place(value, error.pointer), error


@given(st.sampled_from([math.nan, math.inf, -math.inf]), st.sampled_from(SCHEMAS), st.data())
def test_no_error_repeats_what_is_no_number(number: float, schema: type[BaseModel], data: st.DataObject) -> None:
    value = data.draw(
        st.recursive(
            st.just(number) | st.text("a", max_size=1),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(
                    st.sampled_from(["rows", "hours_studied", "trainer", "name", "seed", "x"]), inner, max_size=5
                )
            ),
            max_leaves=10,
        )
    )
    words = json.dumps([vars(error) for error in document(schema, value)]).lower().replace("finite number", "")

    assert "nan" not in words
    assert "inf" not in words


ROW = row_schema(SIGNATURE.features)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({}, [("'hours_studied': is missing", "/hours_studied"), ("'hours_slept': is missing", "/hours_slept")]),
        ({**QUESTION, "x": 1}, [("'x': is not a column of this model", "/x")]),
        ({**QUESTION, "hours_studied": "5"}, [("'hours_studied': should be a valid number", "/hours_studied")]),
        ({**QUESTION, "hours_studied": True}, [("'hours_studied': should be a valid number", "/hours_studied")]),
        ({**QUESTION, "hours_studied": None}, [("'hours_studied': should be a valid number", "/hours_studied")]),
        ({**QUESTION, "hours_studied": [4]}, [("'hours_studied': should be a valid number", "/hours_studied")]),
        ({**QUESTION, "hours_studied": 10**400}, [("'hours_studied': should be a valid number", "/hours_studied")]),
        ({**QUESTION, "hours_studied": math.nan}, [("'hours_studied': should be a finite number", "/hours_studied")]),
        ({**QUESTION, "hours_studied": math.inf}, [("'hours_studied': should be a finite number", "/hours_studied")]),
        ({**QUESTION, "hours_slept": 24.1}, [("'hours_slept': should be less than or equal to 24", "/hours_slept")]),
        ({**QUESTION, "hours_slept": -1}, [("'hours_slept': should be greater than or equal to 0", "/hours_slept")]),
        ([], [("the body: should be an object", "")]),
        (None, [("the body: should be an object", "")]),
        ("rows", [("the body: should be an object", "")]),
        (7, [("the body: should be an object", "")]),
    ],
)
def test_what_is_wrong_with_a_row_is_said_in_words(value: Any, expected: list[tuple[str, str]]) -> None:
    assert [(error.detail, error.pointer) for error in document(ROW, value)] == expected


@pytest.mark.parametrize(
    "value", [QUESTION, {"hours_studied": 0, "hours_slept": 24}, {"hours_slept": 1e-320, "hours_studied": -0.0}]
)
def test_numbers_within_the_bounds_pass_integers_among_them(value: dict[str, float]) -> None:
    check(ROW, value)


TRAIN = train_schema(SIGNATURE.columns)


@pytest.mark.parametrize(
    ("member", "value", "detail", "pointer"),
    [
        ("rows", [], "'rows': List should have at least 1 item after validation, not 0", "/rows"),
        ("rows", 5, "'rows': should be a valid list", "/rows"),
        ("rows", {"0": TABLE[0]}, "'rows': should be a valid list", "/rows"),
        ("rows", [5], "row 1: should be an object", "/rows/0"),
        ("rows", [TABLE[0], {}], "row 2, column 'hours_studied': is missing", "/rows/1/hours_studied"),
        ("seed", 1.0, "'seed': should be a valid integer", "/seed"),
        ("seed", -1, "'seed': should be greater than or equal to 0", "/seed"),
        ("seed", 2**63, "'seed': should be less than 9223372036854775808", "/seed"),
        ("trainer", 5, "'trainer': should be an object", "/trainer"),
        (
            "trainer",
            {"name": "gradient_descent", "learning_rate": 0},
            "'trainer.learning_rate': should be greater than 0",
            "/trainer/learning_rate",
        ),
        ("trainer", {"name": "gradient_descent", "x": 0}, "'trainer.x': is not a known member", "/trainer/x"),
        (
            "network",
            {"hidden_layers": [3, 0]},
            "'network.hidden_layers.1': should be greater than or equal to 1",
            "/network/hidden_layers/1",
        ),
        (
            "network",
            {"activation": "identity"},
            "'network.activation': should be 'relu', 'sigmoid' or 'tanh'",
            "/network/activation",
        ),
        ("network", None, "'network': should be an object", "/network"),
        ("x", None, "'x': is not a known member", "/x"),
    ],
)
def test_what_is_wrong_with_a_training_is_said_in_words(member: str, value: Any, detail: str, pointer: str) -> None:
    error = document(TRAIN, {"rows": TABLE, member: value})[0]

    assert (error.detail, error.pointer) == (detail, pointer)


@pytest.mark.parametrize("name", ["x", "", None, 5, math.nan, [], {}, "GRADIENT_DESCENT"])
def test_a_trainer_that_there_is_not_is_answered_with_those_that_there_are(name: Any) -> None:
    (error,) = document(TRAIN, {"rows": TABLE, "trainer": {"name": name}})

    assert error.detail.startswith("'trainer': the name should be one of 'gradient_descent', ")
    assert error.pointer == "/trainer"


def test_of_many_errors_the_first_are_told() -> None:
    errors = document(TRAIN, {"rows": [{}] * 1000})

    assert len(errors) == MAX_ERRORS
    assert errors[0].pointer == "/rows/0/hours_studied"


def test_the_first_error_is_the_summary_and_the_others_are_counted() -> None:
    with pytest.raises(InvalidBody, match=r"^'hours_studied': is missing \(and 1 more, see errors\)$"):
        check(ROW, {})


class Plain(BaseModel):
    """Rows that are quickly checked."""

    model_config = STRICT

    rows: list[Annotated[int, Field(ge=0)]] = Field(min_length=1)
    other: int = 0


def test_rows_are_checked_some_at_a_time_and_all_of_them_in_order() -> None:
    pieces = list(check_piecewise(Plain, {"rows": list(range(2 * CELLS_PER_PIECE + 1)), "other": 7}))

    assert [len(piece.rows) for piece in pieces] == [CELLS_PER_PIECE, CELLS_PER_PIECE, 1]
    assert [row for piece in pieces for row in piece.rows] == list(range(2 * CELLS_PER_PIECE + 1))
    assert [piece.other for piece in pieces] == [7, 7, 7]


@pytest.mark.parametrize("wrong", [0, 1, CELLS_PER_PIECE - 1, CELLS_PER_PIECE, 2 * CELLS_PER_PIECE + 4])
def test_a_row_is_counted_from_the_first_of_all(wrong: int) -> None:
    rows = [0] * (2 * CELLS_PER_PIECE + 5)
    rows[wrong] = -1
    with pytest.raises(InvalidBody) as found:
        list(check_piecewise(Plain, {"rows": rows}))

    (error,) = found.value.errors
    assert error.detail.startswith(f"row {wrong + 1}: ")
    assert error.pointer == f"/rows/{wrong}"


def test_wide_rows_come_in_smaller_pieces() -> None:
    wide = {str(number): 0 for number in range(CELLS_PER_PIECE // 2)}

    class Wide(BaseModel):
        rows: list[dict[str, int]]

    assert [len(piece.rows) for piece in check_piecewise(Wide, {"rows": [wide] * 5})] == [2, 2, 1]


def test_what_comes_after_wrong_rows_is_not_even_looked_at() -> None:
    """A body of millions of wrong rows would otherwise cost gigabytes of errors."""
    looked = 0

    class Row(dict[str, int]):
        def __len__(self) -> int:
            nonlocal looked
            looked += 1
            return super().__len__() or 1

    with pytest.raises(InvalidBody):
        list(check_piecewise(rows_schema(SIGNATURE.features), {"rows": [Row()] * (5 * CELLS_PER_PIECE)}))
    assert looked <= CELLS_PER_PIECE


@pytest.mark.parametrize("value", [{}, {"rows": []}, {"rows": None}, {"rows": {}}, [], None, 7, "rows"])
def test_a_body_without_rows_is_refused_as_a_whole(value: Any) -> None:
    with pytest.raises(InvalidBody):
        list(check_piecewise(Plain, value))
