"""The pydantic models of bodies: made from a signature, whatever its columns are called, and strict."""

import math
from dataclasses import fields
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from app.errors import InvalidBody
from app.predict import DistributionMembers
from app.rest.bodies import DeclarationRequest
from app.tables.row_schemas import name_field, row_schema, rows_schema
from app.tables.validation import check
from app.train.options import Options, train_schema
from model.table.signature import Column
from model.trainers import TRAINERS
from tests.support.tables import TABLE
from tests.support.trained import SIGNATURE

ODD_NAMES = [
    "class",
    "model_config",
    "model_fields",
    "__class__",
    "_private",
    "self",
    "column_0",
    "with space",
    "a.b",
    "a/b~c",
    "ünïcödé",
    "\N{GRINNING FACE}",
    '"quoted"',
    "{brace}",
    "%s",
    "x" * 200,
    "0",
    "-",
]


def number(row: Any, index: int = 0) -> Any:
    return getattr(row, name_field(index))


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_column_may_be_called_anything(name: str) -> None:
    row = row_schema((Column(name), Column("another")))

    assert number(check(row, {name: 1.5, "another": 2})) == 1.5
    with pytest.raises(InvalidBody) as found:
        check(row, {"another": 2})
    assert found.value.errors[0].detail == f"{name!r}: is missing"
    with pytest.raises(InvalidBody):
        check(row, {"column_0": 1.5, "column_1": 2})


@given(st.lists(st.text(st.characters(exclude_categories=["C", "Z"]), min_size=1), min_size=1, max_size=8, unique=True))
def test_however_many_columns_there_are_each_value_goes_to_its_own(names: list[str]) -> None:
    row = row_schema(tuple(Column(f"c{name}") for name in names))

    found = check(row, {f"c{name}": place for place, name in reversed(list(enumerate(names)))})

    assert [number(found, place) for place in range(len(names))] == list(range(len(names)))


BOUNDED = row_schema((Column("x", minimum=-1, maximum=1),))


@given(st.floats() | st.integers())
@example(-1)
@example(1.0)
@example(math.nextafter(1, 2))
def test_what_is_within_the_bounds_passes_and_nothing_else(value: float) -> None:
    try:
        passed = number(check(BOUNDED, {"x": value}))
    except InvalidBody:
        assert not -1 <= value <= 1
    else:
        assert -1 <= value <= 1
        assert passed == value
        assert isinstance(passed, float)


CATEGORY = row_schema((Column("x", kind="category", categories=("a", "b")),))


@pytest.mark.parametrize("value", ["c", "A", "", " a", 0, 0.0, True, None, ["a"]])
def test_a_category_that_there_is_not_is_refused(value: Any) -> None:
    assert number(check(CATEGORY, {"x": "b"})) == "b"
    with pytest.raises(InvalidBody, match="'x': should be 'a' or 'b'"):
        check(CATEGORY, {"x": value})


def test_a_value_may_be_missing_only_where_that_is_declared() -> None:
    lenient = row_schema((Column("x", may_be_missing=True),))

    assert number(check(lenient, {})) is None
    assert number(check(lenient, {"x": None})) is None
    assert number(check(lenient, {"x": 1})) == 1
    with pytest.raises(InvalidBody):
        check(lenient, {"x": float("nan")})


def test_the_models_of_a_signature_are_made_once() -> None:
    same = tuple(Column(**vars(column)) for column in SIGNATURE.features)

    assert row_schema(SIGNATURE.features) is row_schema(same)
    assert rows_schema(SIGNATURE.features, DistributionMembers) is rows_schema(same, DistributionMembers)
    assert train_schema(SIGNATURE.columns) is train_schema(
        tuple(Column(**vars(column)) for column in SIGNATURE.columns)
    )


@pytest.mark.parametrize("name", sorted(TRAINERS))
def test_a_trainer_can_be_asked_for_all_of_its_options_with_their_defaults(name: str) -> None:
    asked = Options.model_validate({"trainer": {"name": name}}).trainer.model_dump()

    assert asked.pop("name") == name
    assert asked == {option.name: option.default for option in fields(TRAINERS[name])}  # type: ignore[arg-type]


@pytest.mark.parametrize("name", sorted(TRAINERS))
def test_each_option_of_a_trainer_is_described_and_has_limits_that_hold(name: str) -> None:
    for option in fields(TRAINERS[name]):  # type: ignore[arg-type]
        assert option.metadata["description"], option.name
        for limit, beyond in (("gt", 0), ("ge", -1), ("lt", 0), ("le", 1)):
            if limit in option.metadata:
                value = option.metadata[limit] + beyond
                with pytest.raises(ValidationError, match=option.name):
                    Options.model_validate({"trainer": {"name": name, option.name: value}})


def test_what_a_request_leaves_out_is_known_to_have_been_left_out() -> None:
    request = train_schema(SIGNATURE.columns).model_validate({"rows": TABLE, "network": {"bias": False}})

    assert request.network.model_dump(exclude_unset=True) == {"bias": False}
    assert request.trainer.model_dump(exclude_unset=True) == {}


COLUMN = {"name": "x"}


@pytest.mark.parametrize(
    "change",
    [
        {"features": []},
        {"features": [COLUMN] * 1001},
        {"targets": []},
        {"features": [{"name": ""}]},
        {"features": [{"name": "x" * 201}]},
        {"features": [{"name": "x", "minimum": float("inf")}]},
        {"features": [{"name": "x", "minimum": "0"}]},
        {"features": [{"name": "x", "kind": "text"}]},
        {"features": [{"name": "x", "y": 1}]},
        {"features": [5]},
        {"network": None},
        {"x": 1},
    ],
)
def test_a_declaration_that_makes_no_sense_is_refused(change: dict[str, Any]) -> None:
    check(DeclarationRequest, {"features": [COLUMN], "targets": [{"name": "y"}]})
    with pytest.raises(InvalidBody):
        check(DeclarationRequest, {"features": [COLUMN], "targets": [{"name": "y"}], **change})
