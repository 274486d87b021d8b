"""Bodies, checked: every error says what is wrong and where, and never repeats what is no number."""

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from app.errors import BodyError, InvalidBody
from app.predict import DistributionMembers
from app.rest.bodies import DeclarationRequest
from app.tables.row_schemas import row_schema, rows_schema
from app.tables.validation import MAX_ERRORS, check
from app.train.options import Options, train_schema
from model.table import Column
from tests.support.memory import peak_memory, reset_peak_memory
from tests.support.tables import QUESTION, TABLE
from tests.support.trained import SIGNATURE

SCHEMAS: list[type[BaseModel]] = [
    row_schema(SIGNATURE.features),
    rows_schema(SIGNATURE.features, DistributionMembers),
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


LONG = tuple(f"{number:0200}" for number in range(1000))


def test_of_many_categories_the_first_are_told() -> None:
    (error,) = document(row_schema((Column("x", kind="category", categories=LONG),)), {"x": ""})

    assert error.detail.startswith(f"'x': should be '{LONG[0][:180]}")
    assert len(error.detail) < 220


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
        ({**QUESTION, "x": 1}, [("'x': is not a column of this model; ?ignore=x leaves it out", "/x")]),
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
        ("rows", [], "'rows': should have at least 1 item, not 0", "/rows"),
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


def test_the_first_error_is_the_summary_and_the_others_are_counted() -> None:
    with pytest.raises(InvalidBody, match=r"^'hours_studied': is missing \(and 1 more, see errors\)$"):
        check(ROW, {})


def test_a_wrong_declaration_costs_no_more_than_its_first_errors() -> None:
    """With all its errors this took hundreds of MB."""
    wrong = [{"name": "x", "kind": "category", "categories": [1] * 1000}] * 300
    assert document(DeclarationRequest, {})
    before = reset_peak_memory()

    assert document(DeclarationRequest, {"features": wrong, "targets": [{"name": "y"}]})

    assert peak_memory() - before < 20
