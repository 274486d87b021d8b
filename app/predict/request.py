"""The body and the query of a prediction's request, read and checked."""

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
    check_query_names,
    check_rows,
    evaluate_schema,
    parse_csv,
    parse_json,
    parse_query_value,
    row_schema,
    rows_schema,
    rows_to_matrix,
    split_dataset,
    split_names,
    table_to_matrix,
)
from model.arrays import FloatArray
from model.table import Dataset, Signature


@dataclass(frozen=True, eq=False)
class PredictRequest:
    """What to predict: features (rows, features) in the units of their columns, and the form in which they came."""

    features: FloatArray
    coverage: float | None
    is_single: bool = False
    """Whether the body was a single row, so that the response is one too."""
    table: TextTable | None = None
    """The CSV that the body was; None: it was JSON."""


class PredictQuery(BaseModel):
    """The query parameters of a prediction, for bodies that cannot hold them."""

    model_config = STRICT

    coverage: Coverage = DEFAULT_COVERAGE
    ignore: str = ""


def read_predict_request(body: Body, signature: Signature, query: Mapping[str, str]) -> PredictRequest:
    """Return what a body wants predicted: one row, many under `rows`, or a CSV. Raises `MalformedBody`, `InvalidBody`.

    The target columns of a CSV are ignored, so a table that holds the true values can be sent as it is.
    """
    options = _read_query(query)
    features = signature.features
    if body.is_csv:
        table = parse_csv(body.data).without(split_names(options.ignore))
        targets = frozenset(column.name for column in signature.targets)
        return PredictRequest(table_to_matrix(table, features, ignored=targets), options.coverage, table=table)
    value: Any = parse_json(body.data)
    if isinstance(value, dict) and "rows" in value:
        rows: Any
        rows, matrix = check_rows(rows_schema(features), value, features)
        return PredictRequest(matrix, rows.coverage if "coverage" in value else options.coverage)
    return PredictRequest(
        rows_to_matrix([check(row_schema(features), value)], features), options.coverage, is_single=True
    )


def read_labelled(body: Body, signature: Signature, query: Mapping[str, str]) -> tuple[Dataset, float]:
    """Return a labelled table, and the coverage of the intervals to evaluate. Raises `MalformedBody`, `InvalidBody`."""
    options = _read_query(query)
    coverage = DEFAULT_COVERAGE if options.coverage is None else options.coverage
    if body.is_csv:
        table = parse_csv(body.data).without(split_names(options.ignore))
        return split_dataset(table_to_matrix(table, signature.columns), signature), coverage
    value: Any = parse_json(body.data)
    request: Any
    request, matrix = check_rows(evaluate_schema(signature.columns), value, signature.columns)
    if "coverage" in value:
        coverage = request.coverage
    return split_dataset(matrix, signature), coverage


def _read_query(query: Mapping[str, str]) -> PredictQuery:
    check_query_names(query, PredictQuery.model_fields.keys())
    return check(
        PredictQuery, {**query, **({"coverage": parse_query_value(query["coverage"])} if "coverage" in query else {})}
    )
