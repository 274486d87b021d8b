"""From the body of a training to what is trained; a table sent to an unknown model declares it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel

from app.errors import BodyError, InvalidBody, OtherTargets, UnknownModel
from app.registry import Declaration, Registry
from app.tables import (
    MAX_FEATURES,
    MAX_TARGETS,
    STRICT,
    Body,
    TextTable,
    check,
    check_query_names,
    check_rows,
    infer_column,
    parse_csv,
    parse_json,
    split_dataset,
    split_names,
    table_to_matrix,
)
from app.train.options import QUERY_OPTIONS, Options, build_spec, read_query_options, train_schema
from model.fitting import TrainingSpec
from model.table import Column, Dataset, Signature


@dataclass(frozen=True, eq=False)
class Training:
    """What to train, and how to publish it."""

    spec: TrainingSpec
    options: Options


def read_training(body: Body, registry: Registry, name: str, query: Mapping[str, str]) -> Training:
    """Return what a body wants trained: JSON, or a CSV with its options in the query.

    Raises `UnknownModel`, `OtherTargets`, `MalformedBody`, `InvalidBody`.
    """
    check_query_names(query, {*CsvTrainQuery.model_fields, *QUERY_OPTIONS})
    if body.is_csv:
        return _read_csv(body, registry, name, dict(query))
    declaration = registry.declaration(name)
    columns = declaration.signature.columns
    request, matrix = check_rows(train_schema(columns), parse_json(body.data), columns)
    return _make_training(declaration, split_dataset(matrix, declaration.signature), request)


def _make_training(declaration: Declaration, dataset: Dataset, options: Options) -> Training:
    return Training(build_spec(declaration, dataset, options), options)


class CsvTrainQuery(BaseModel):
    """The query parameters of a training that concern the columns of its CSV; all others are options."""

    model_config = STRICT

    targets: str = ""
    features: str = ""
    ignore: str = ""
    categories: str = ""
    missing: Literal["refuse", "mean"] = "refuse"


def _read_csv(body: Body, registry: Registry, name: str, query: dict[str, str]) -> Training:
    named = {choice: query.pop(choice) for choice in CsvTrainQuery.model_fields if choice in query}
    query_columns, options = check(CsvTrainQuery, named), read_query_options(query)
    table = parse_csv(body.data).without(split_names(query_columns.ignore))
    targets, features = split_names(query_columns.targets), split_names(query_columns.features)
    if features:
        table = table.select({*features, *targets})
    declared = _find_declaration(registry, name, targets)
    declaration = declared or Declaration(_infer_signature(table, targets, query_columns))
    matrix = table_to_matrix(table, declaration.signature.columns)
    if declared is None:  # only now: nothing is declared for a table that cannot be trained on
        registry.declare(name, declaration)
    return _make_training(declaration, split_dataset(matrix, declaration.signature), options)


def _find_declaration(registry: Registry, name: str, targets: list[str]) -> Declaration | None:
    """Return the model's declaration; None if it has none yet, and the request names the targets for one."""
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


def _infer_signature(table: TextTable, targets: list[str], query_columns: CsvTrainQuery) -> Signature:
    """Return the signature that the cells of a table suggest."""
    categories, may_be_missing = split_names(query_columns.categories), query_columns.missing == "mean"
    for name in [*targets, *categories]:
        if name not in table.columns:
            raise InvalidBody([BodyError(f"the table has no column {name!r}", "")])
    features: list[Column] = []
    outputs: list[Column] = []
    for name, cells in table.columns.items():
        is_target, as_category = name in targets, name in categories
        try:
            column = infer_column(name, cells, as_category=as_category, may_be_missing=may_be_missing and not is_target)
        except ValueError as error:
            raise InvalidBody([BodyError(str(error), "")]) from None
        (outputs if is_target else features).append(column)
    if len(features) > MAX_FEATURES or len(outputs) > MAX_TARGETS:
        most = f"{MAX_FEATURES} features and {MAX_TARGETS} targets"
        raise InvalidBody([BodyError(f"the table has more than {most}: name the `features`, or leave some out", "")])
    return Signature(tuple(features), tuple(outputs))
