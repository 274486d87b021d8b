"""A question is what a request wants predicted; it knows the form in which the answer is wanted."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from app.tables import (
    DEFAULT_COVERAGE,
    STRICT,
    Body,
    Coverage,
    TextTable,
    check,
    checked_rows,
    dataset_of,
    evaluate_model,
    matrix_of_rows,
    matrix_of_text,
    names_in,
    parse,
    parse_csv,
    row_model,
    rows_model,
    word,
)
from model.arrays import FloatArray
from model.table import Dataset, Signature


@dataclass(frozen=True, eq=False)
class Question:
    """Features (rows, features) in a table's own units, and the form in which they came."""

    features: FloatArray
    coverage: float | None
    is_single: bool = False
    """One row, to be answered as one."""
    table: TextTable | None = None
    """The CSV that it came as, if it did."""


class Choices(BaseModel):
    """What the query of a question may say, for bodies that have no place for it."""

    model_config = STRICT

    coverage: Coverage = DEFAULT_COVERAGE
    ignore: str = ""


def read_question(body: Body, signature: Signature, query: Mapping[str, str]) -> Question:
    """Return what a body asks: one row, many under `rows`, or a CSV. Raises `MalformedBody`, `InvalidBody`.

    The target columns of a CSV are not looked at, so that a table can be asked that has the answers in it.
    """
    choices = _choices(query)
    features = signature.features
    if body.is_csv:
        table = parse_csv(body.data).without(names_in(choices.ignore))
        answers = frozenset(column.name for column in signature.targets)
        return Question(matrix_of_text(table, features, ignored=answers), choices.coverage, table=table)
    value: Any = parse(body.data)
    if isinstance(value, dict) and "rows" in value:
        rows: Any
        rows, matrix = checked_rows(rows_model(features), value, features)
        return Question(matrix, rows.coverage if "coverage" in value else choices.coverage)
    return Question(matrix_of_rows([check(row_model(features), value)], features), choices.coverage, is_single=True)


def read_labelled(body: Body, signature: Signature, query: Mapping[str, str]) -> tuple[Dataset, float]:
    """Return a labelled table, and the coverage to judge intervals by. Raises `MalformedBody`, `InvalidBody`."""
    choices = _choices(query)
    coverage = DEFAULT_COVERAGE if choices.coverage is None else choices.coverage
    if body.is_csv:
        table = parse_csv(body.data).without(names_in(choices.ignore))
        return dataset_of(matrix_of_text(table, signature.columns), signature), coverage
    value: Any = parse(body.data)
    request: Any
    request, matrix = checked_rows(evaluate_model(signature.columns), value, signature.columns)
    if "coverage" in value:
        coverage = request.coverage
    return dataset_of(matrix, signature), coverage


def _choices(query: Mapping[str, str]) -> Choices:
    return check(Choices, {**query, **({"coverage": word(query["coverage"])} if "coverage" in query else {})})
