"""Options: what a request leaves open, what it chooses, and what is out of all proportion."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from app.errors import InvalidBody
from app.limits import TrainingLimits, check_training
from app.limits import training as limits_module
from app.registry import BUILT_IN, EXAM_SCORE
from app.registry.declaration import Declaration
from app.tables.query_text import parse_query_value, split_names
from app.train.options import Options, build_spec
from app.train.query_options import read_options
from model.errors import OptionsError
from model.fitting.spec import TrainingSpec
from model.table.dataset import Dataset
from model.table.signature import Column, Signature
from model.trainers import DEFAULT_TRAINER, TRAINERS, GradientDescent
from tests.support.trained import DATASET

DECLARED = BUILT_IN[EXAM_SCORE]


def spec_of(
    options: dict[str, Any],
    declaration: Declaration = DECLARED,
    table: Dataset = DATASET,
    limits: TrainingLimits = TrainingLimits(),  # noqa: B008 - it is frozen
) -> TrainingSpec:
    spec = build_spec(declaration, table, Options.model_validate(options), limits.max_epochs)
    check_training(spec, limits)
    return spec


@pytest.mark.parametrize("name", sorted(TRAINERS))
def test_a_limit_of_epochs_lowers_what_is_left_open_and_refuses_what_is_chosen(name: str) -> None:
    limits = TrainingLimits(max_epochs=100)

    assert spec_of({"trainer": {"name": name}}, limits=limits).trainer.max_epochs == 100
    with pytest.raises(OptionsError, match="SCORECAST_MAX_EPOCHS"):
        spec_of({"trainer": {"name": name, "max_epochs": 101}}, limits=limits)


def test_what_is_left_open_is_the_default_trainer_s_choice() -> None:
    spec = spec_of({})

    assert spec.trainer == TRAINERS[DEFAULT_TRAINER]()
    assert spec.network == spec.trainer.default_network
    assert spec.seed == 0


@pytest.mark.parametrize("name", sorted(TRAINERS))
def test_each_trainer_can_be_chosen_by_its_name(name: str) -> None:
    assert spec_of({"trainer": {"name": name}}).trainer == TRAINERS[name]()


def test_what_is_chosen_of_the_network_leaves_the_rest_to_the_trainer() -> None:
    spec = spec_of({"trainer": {"name": "gradient_descent"}, "network": {"hidden_layers": [5, 4], "bias": True}})

    assert spec.network == replace(GradientDescent.default_network, hidden_layers=(5, 4), bias=True)


def test_what_a_request_leaves_open_is_as_the_model_is_declared() -> None:
    declared = replace(
        DECLARED,
        network={"hidden_layers": [7]},
        trainer={"name": "gradient_descent", "max_epochs": 7, "learning_rate": 0.5},
    )
    spec = spec_of({"trainer": {"name": "gradient_descent", "max_epochs": 9}}, declared)

    assert spec.trainer == GradientDescent(max_epochs=9, learning_rate=0.5)
    assert spec.network.hidden_layers == (7,)


def test_another_trainer_than_the_declared_one_takes_none_of_its_options() -> None:
    declared = replace(DECLARED, trainer={"name": "gradient_descent", "max_epochs": 7})

    assert spec_of({"trainer": {"name": DEFAULT_TRAINER}}, declared).trainer == TRAINERS[DEFAULT_TRAINER]()


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, {}),
        ({"seed": "7"}, {"seed": 7}),
        (
            {"trainer": "gradient_descent", "learning_rate": "0.5"},
            {"trainer": {"name": "gradient_descent", "learning_rate": 0.5}},
        ),
        ({"hidden_layers": "5,4", "bias": "true"}, {"network": {"hidden_layers": [5, 4], "bias": True}}),
        ({"hidden_layers": ""}, {"network": {"hidden_layers": []}}),
        ({"activation": "relu"}, {"network": {"activation": "relu"}}),
        ({"patience": "null"}, {"trainer": {"patience": None}}),
    ],
)
def test_a_query_says_the_same_without_nesting(query: dict[str, str], expected: dict[str, Any]) -> None:
    assert read_options(query, {}) == Options.model_validate(expected)


def test_in_a_json_body_an_integer_may_be_written_with_a_point() -> None:
    members = {"seed": 1785.0, "network": {"hidden_layers": [5.0, 4]}, "trainer": {"max_epochs": 1e3}}

    assert read_options({}, members) == read_options(
        {}, {"seed": 1785, "network": {"hidden_layers": [5, 4]}, "trainer": {"max_epochs": 1000}}
    )


def test_a_fraction_is_no_integer_nor_is_one_that_is_nested_too_deeply_looked_at() -> None:
    nested: Any = 7.0
    for _ in range(5000):
        nested = [nested]
    for members in ({"seed": 1785.5}, {"seed": nested}, {"network": {"hidden_layers": [5.5]}}):
        with pytest.raises(InvalidBody):
            read_options({}, members)


@pytest.mark.parametrize("text", ["a\nb", "a\r\nb", "a,b\nc"])
def test_a_line_break_between_names_is_refused(text: str) -> None:
    with pytest.raises(InvalidBody, match="line break"):
        split_names(text)


def test_a_line_break_in_a_quoted_name_is_a_blank_as_in_a_table() -> None:
    assert split_names('"a\nb",c') == ["a b", "c"]


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({"x": "1"}, "x"),
        ({"seed": "x"}, "seed"),
        ({"seed": "1.0"}, "seed"),
        ({"seed": "[" * 50_000}, "seed"),
        ({"seed": "9" * 5000}, "seed"),
        ({"trainer": "gradient_descent", "learning_rate": "NaN"}, "learning_rate"),
        ({"trainer": "gradient_descent", "learning_rate": "1e999"}, "learning_rate"),
        ({"hidden_layers": "[5]"}, "hidden_layers"),
        ({"hidden_layers": "5;4"}, "hidden_layers"),
        ({"trainer": "x"}, "trainer"),
        ({"trainer": "{}"}, "trainer"),
    ],
)
def test_what_is_wrong_with_a_query_is_named(query: dict[str, str], name: str) -> None:
    with pytest.raises(InvalidBody) as found:
        read_options(query, {})

    assert found.value.errors[0].detail.startswith(f"query parameter {name!r}: ")
    assert found.value.errors[0].pointer == ""
    assert "nan" not in found.value.errors[0].detail.lower()


@pytest.mark.parametrize(
    ("text", "value"), [("1", 1), ("1.5", 1.5), ("true", True), ("null", None), ("relu", "relu"), ("", "")]
)
def test_a_word_needs_no_quotes(text: str, value: Any) -> None:
    assert parse_query_value(text) == value


@pytest.mark.parametrize(
    "options",
    [
        {"network": {"hidden_layers": [4096] * 8}},
        {"network": {"hidden_layers": [4096, 4096]}, "trainer": {"members": 1}},
        {"network": {"hidden_layers": [300, 300]}, "trainer": {"members": 50}},
        {"network": {"hidden_layers": [4096] * 8}, "trainer": {"name": "gradient_descent", "max_epochs": 1}},
    ],
)
def test_networks_that_would_fill_the_memory_are_refused_before_anything_is_trained(options: dict[str, Any]) -> None:
    with pytest.raises(OptionsError, match="parameters together, more than the 2,000,000 allowed"):
        spec_of(options)


def test_the_largest_networks_that_are_taken_are_far_larger_than_a_small_table_needs() -> None:
    spec_of({"network": {"hidden_layers": [500, 500]}})
    spec_of({"network": {"hidden_layers": [4096]}, "trainer": {"members": 50}})


def test_a_wide_network_on_a_long_table_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    long = Dataset(np.tile(DATASET.features, (1000, 1)), np.tile(DATASET.targets, (1000, 1)))
    monkeypatch.setattr(limits_module, "MAX_TRAINING_VALUES", 3000 * 23)

    spec_of({"network": {"hidden_layers": [10, 10]}}, table=long)
    with pytest.raises(OptionsError, match="3,000 rows times 24 inputs and units"):
        spec_of({"network": {"hidden_layers": [10, 11]}}, table=long)


def test_categories_count_as_the_inputs_that_they_become() -> None:
    names = tuple(f"category {number}" for number in range(1000))
    features = tuple(Column(f"x{number}", kind="category", categories=names) for number in range(300))
    wide = Declaration(Signature(features, (Column("y"),)))

    with pytest.raises(OptionsError, match="parameters together"):
        spec_of({}, wide, Dataset(np.zeros((3, 300)), np.zeros((3, 1))))
