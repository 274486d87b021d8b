"""From the body of a training to what is to be trained; a table of a model that nobody knows yet declares it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from app.registry import Declaration, Registry, UnknownModel
from app.tables import (
    MOST_FEATURES,
    MOST_TARGETS,
    STRICT,
    Body,
    BodyError,
    InvalidBody,
    TextTable,
    check,
    checked_rows,
    dataset_of,
    inferred,
    matrix_of_text,
    names_in,
    parse,
    parse_csv,
)
from app.train.options import Options, options_of_query, train_model, training_spec
from model.fitting import TrainingSpec
from model.table import Column, Dataset, Signature


class OtherTargets(Exception):
    """The model is declared with other targets than the request names."""


@dataclass(frozen=True, eq=False)
class Training:
    """What a request asks to be trained, and how it is published."""

    spec: TrainingSpec
    options: Options


def read_training(body: Body, registry: Registry, name: str, query: Mapping[str, str]) -> Training:
    """Return what a body asks to be trained: JSON, or a CSV with its options in the query.

    Raises `UnknownModel`, `OtherTargets`, `MalformedBody`, `InvalidBody`.
    """
    if body.is_csv:
        return _of_csv(body, registry, name, dict(query))
    declaration = registry.declaration(name)
    columns = declaration.signature.columns
    request, matrix = checked_rows(train_model(columns), parse(body.data), columns)
    return _training(declaration, dataset_of(matrix, declaration.signature), request)


def _training(declaration: Declaration, dataset: Dataset, options: Options) -> Training:
    return Training(training_spec(declaration, dataset, options), options)


class TableChoices(BaseModel):
    """What the query of a training says about the columns of its table; the rest of it are options."""

    model_config = STRICT

    targets: str = ""
    features: str = ""
    ignore: str = ""
    categories: str = ""
    missing: Literal["refuse", "mean"] = "refuse"


def _of_csv(body: Body, registry: Registry, name: str, query: dict[str, str]) -> Training:
    named = {choice: query.pop(choice) for choice in TableChoices.model_fields if choice in query}
    choices, options = check(TableChoices, named), options_of_query(query)
    table = parse_csv(body.data).without(names_in(choices.ignore))
    targets, features = names_in(choices.targets), names_in(choices.features)
    if features:
        table = table.without(set(table.columns) - {*features, *targets})
    declared = _declared(registry, name, targets)
    declaration = declared or Declaration(_inferred(table, targets, choices))
    matrix = matrix_of_text(table, declaration.signature.columns)
    if declared is None:  # only now: nothing is declared for a table that cannot be trained on
        registry.declare(name, declaration)
    return _training(declaration, dataset_of(matrix, declaration.signature), options)


def _declared(registry: Registry, name: str, targets: list[str]) -> Declaration | None:
    """Return what the model is declared to be; None if it is yet to be declared, which takes targets."""
    try:
        declaration = registry.declaration(name)
    except UnknownModel:
        if not targets:
            raise UnknownModel(
                f"there is no model called {name!r}: a table declares one if ?targets= names the columns to predict"
            ) from None
        return None
    declared = [column.name for column in declaration.signature.targets]
    if targets and sorted(targets) != sorted(declared):
        raise OtherTargets(f"model {name!r} predicts {', '.join(declared)}; call a model with other targets otherwise")
    return declaration


def _inferred(table: TextTable, targets: list[str], choices: TableChoices) -> Signature:
    """Return the signature that a table seems to have."""
    categories, may_be_missing = names_in(choices.categories), choices.missing == "mean"
    for name in [*targets, *categories]:
        if name not in table.columns:
            raise InvalidBody([BodyError(f"the table has no column {name!r}", "")])
    features: list[Column] = []
    answers: list[Column] = []
    for name, cells in table.columns.items():
        is_target, as_category = name in targets, name in categories
        try:
            column = inferred(name, cells, as_category=as_category, may_be_missing=may_be_missing and not is_target)
        except ValueError as error:
            raise InvalidBody([BodyError(str(error), "")]) from None
        (answers if is_target else features).append(column)
    if len(features) > MOST_FEATURES or len(answers) > MOST_TARGETS:
        most = f"{MOST_FEATURES} features and {MOST_TARGETS} targets"
        raise InvalidBody([BodyError(f"the table has more than {most}: name the `features`, or leave some out", "")])
    return Signature(tuple(features), tuple(answers))
