"""Signatures: what columns may be called, bound and made of."""

import json
from dataclasses import asdict
from typing import Any

import pytest

from model.errors import SignatureError
from model.table.signature import Column, Signature

X, Y = Column("x"), Column("y")
COLOUR = Column("colour", kind="category", categories=("red", "green"))


@pytest.mark.parametrize("name", ["", " ", " x", "x ", "a\nb", "a\x00"])
def test_refuses_names_that_nobody_could_type(name: str) -> None:
    with pytest.raises(SignatureError, match="printable name"):
        Column(name)


@pytest.mark.parametrize("name", ["hours studied", "größe", "x/y", "_"])
def test_takes_names_as_people_write_them(name: str) -> None:
    assert Column(name).name == name


@pytest.mark.parametrize("name", ["rows", "coverage"])
def test_refuses_names_that_mean_something_else_in_a_request(name: str) -> None:
    with pytest.raises(SignatureError, match=f"the name '{name}' is reserved"):
        Column(name)


@pytest.mark.parametrize(("minimum", "maximum"), [(1.0, 1.0), (2.0, 1.0)])
def test_refuses_bounds_the_wrong_way_round(minimum: float, maximum: float) -> None:
    with pytest.raises(SignatureError, match="minimum of column 'x' must be less than its maximum"):
        Column("x", minimum=minimum, maximum=maximum)


@pytest.mark.parametrize("bound", [float("nan"), float("inf"), float("-inf"), 10**400])
@pytest.mark.parametrize("which", ["minimum", "maximum"])
def test_refuses_bounds_that_are_no_numbers(which: str, bound: float) -> None:
    with pytest.raises(SignatureError, match=f"the {which} of column 'x' must be a finite number"):
        Column("x", **{which: bound})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"kind": "colour"}, "must be of kind number, category or date, not 'colour'"),
        ({"kind": "category"}, "which needs them"),
        ({"categories": ("a",)}, "categories are for the kind 'category'"),
        ({"kind": "category", "categories": ("a", "a")}, "must differ"),
        ({"kind": "category", "categories": tuple(map(str, range(1001)))}, "be 1000 at most"),
        ({"kind": "category", "categories": ("a",), "minimum": 0}, "have no bounds"),
    ],
)
def test_refuses_categories_that_are_none(options: dict[str, Any], message: str) -> None:
    with pytest.raises(SignatureError, match=message):
        Column("x", **options)


def test_columns_are_the_features_and_then_the_targets() -> None:
    assert Signature((X,), (Y, Column("z"))).columns == (X, Y, Column("z"))


@pytest.mark.parametrize(("features", "targets"), [((), (Y,)), ((X,), ()), ((), ())])
def test_needs_a_feature_and_a_target(features: tuple[Column, ...], targets: tuple[Column, ...]) -> None:
    with pytest.raises(SignatureError, match="at least one feature and one target"):
        Signature(features, targets)


@pytest.mark.parametrize(("features", "targets"), [((X, X), (Y,)), ((X,), (Y, Y)), ((X,), (X,))])
def test_refuses_one_name_twice_be_it_on_both_sides(features: tuple[Column, ...], targets: tuple[Column, ...]) -> None:
    with pytest.raises(SignatureError, match="two columns are called"):
        Signature(features, targets)


def test_one_target_of_categories_makes_a_classification() -> None:
    assert Signature((X,), (COLOUR,)).is_classification
    assert not Signature((COLOUR,), (Y,)).is_classification


def test_refuses_a_target_beside_one_of_categories() -> None:
    with pytest.raises(SignatureError, match="must be the only target"):
        Signature((X,), (COLOUR, Y))


def test_a_signature_can_be_written_down_and_read_again() -> None:
    signature = Signature((Column("x", "h", 0, 24, may_be_missing=True), COLOUR), (Y,))

    assert Signature.from_dict(asdict(signature)) == signature


def test_an_older_column_without_categories_is_read() -> None:
    assert Column.from_dict({"name": "x", "unit": None, "minimum": 0, "maximum": 1}) == Column("x", None, 0, 1)


def test_equal_signatures_are_equal_keys_even_if_one_was_read_from_json() -> None:
    read = Column("colour", kind="category", categories=["red", "green"])  # type: ignore[arg-type]

    assert {Signature((X,), (COLOUR,)): 1} == {Signature((Column("x"),), (read,)): 1}


def test_what_is_stored_of_a_plain_signature_has_not_changed() -> None:
    signature = Signature((Column("a"),), (Column("y", "points", minimum=0, maximum=100),))
    plain = {
        "unit": None,
        "minimum": None,
        "maximum": None,
        "kind": "number",
        "categories": (),
        "may_be_missing": False,
    }

    assert signature.to_dict() == {
        "features": [{"name": "a", **plain}],
        "targets": [{"name": "y", **plain, "unit": "points", "minimum": 0, "maximum": 100}],
    }


def test_what_is_stored_of_dates_marks_and_columns_left_out_comes_back() -> None:
    when = Column("when", kind="date", reading="31/01/2024", may_be_missing=True, marks=("n.a",))
    signature = Signature((when,), (Column("y"),), ("id", "name"))

    assert Signature.from_dict(json.loads(json.dumps(signature.to_dict()))) == signature
