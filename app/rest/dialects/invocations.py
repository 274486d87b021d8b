"""Invocations, as MLflow's scoring server and SageMaker's containers are asked: a frame in one of four layouts, or a table."""

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Any

from pydantic import BaseModel

from app.errors import BodyError, InvalidBody, UntrainedModel
from app.predict import PredictRequest
from app.registry import EXAM_SCORE, Registry
from app.rest.dialects.instances import (
    PIECE_ROWS,
    STRICT,
    lists_to_table,
    make_columns,
    make_table,
    take_rows,
    to_table,
)
from app.rest.dialects.parameters import read_coverage
from app.tables import CSV, JSON, Body, Table, check, parse_json, read_table, write_csv, write_csv_pieces
from model.predictors import Classifier, Regressor
from model.table import Signature

LAYOUTS = ("dataframe_split", "dataframe_records", "inputs", "instances")
_NUMBER = re.compile(rb"\s*[-+]?[0-9.][-+0-9.eE]*\s*")
_WANTED = "a CSV without a header has the model's features in their order: the first row has {} numbers, not {}"


class TableMembers(BaseModel):
    """A frame as pandas splits it; its index says nothing here."""

    model_config = STRICT

    columns: list[str]
    data: list[Any]


class InvocationMembers(BaseModel):
    """The JSON of a request."""

    model_config = STRICT

    dataframe_split: TableMembers | None = None
    dataframe_records: list[Any] | None = None
    inputs: list[Any] | dict[str, Any] | None = None
    instances: list[Any] | None = None
    params: dict[str, Any] | None = None


def choose_invoked(registry: Registry, named: str | None) -> str:
    """Return the name of the model that is invoked: the one that a setting names, or exam-score, or the only one.

    Raises `UntrainedModel` where there are several others.
    """
    if named is not None:
        return named
    if registry.state(EXAM_SCORE).default_version is not None:
        return EXAM_SCORE
    trained = [name for name in registry.names() if registry.state(name).default_version is not None]
    if len(trained) > 1:
        raise UntrainedModel(
            f"{EXAM_SCORE} has not been trained, and there are {len(trained)} other models: name the one "
            "to ask in SCORECAST_INVOCATIONS_MODEL"
        )
    return trained[0] if trained else EXAM_SCORE


def read_invocation(body: Body, signature: Signature) -> tuple[Table, float | None]:
    """Return what a body asks as a table, and the coverage that it asks for; None: no intervals.

    Raises `MalformedBody`, `InvalidBody`.
    """
    if body.media_type != JSON:
        return read_table(_with_header(body, signature)).table, None
    members = check(InvocationMembers, parse_json(body.data))
    given = [name for name in LAYOUTS if getattr(members, name) is not None]
    if len(given) != 1:
        raise InvalidBody([BodyError(f"the body should have one of {', '.join(LAYOUTS)}; it has {len(given)}", "")])
    return _to_table(given[0], getattr(members, given[0]), signature), read_coverage(members.params or {}, "params")


def write_values(asked: PredictRequest, predictor: Regressor | Classifier) -> Iterator[bytes]:
    """Return the pieces of an answer as CSV without a header, as SageMaker's own containers write it."""
    columns, total = make_columns(asked, predictor), len(asked.features)
    starts = range(0, total, PIECE_ROWS)
    rows = chain.from_iterable(take_rows(columns, slice(start, start + PIECE_ROWS)) for start in starts)
    pieces = write_csv_pieces(list(columns), rows)
    next(pieces)  # the header
    return (piece.encode() for piece in pieces)


def _to_table(layout: str, found: Any, signature: Signature) -> Table:
    if isinstance(found, TableMembers):
        if len(set(found.columns)) < len(found.columns):
            raise InvalidBody([BodyError("dataframe_split: a column is named twice", "/dataframe_split/columns")])
        return lists_to_table(found.data, found.columns, layout)
    if isinstance(found, list):
        return to_table(found, signature, layout)
    columns = {name: values if isinstance(values, list) else [values] for name, values in found.items()}
    lengths = {len(values) for values in columns.values()}
    if len(lengths) != 1:
        raise InvalidBody([BodyError(f"inputs: the columns have different lengths: {sorted(lengths)}", "/inputs")])
    return make_table(columns, lengths.pop())


def _with_header(body: Body, signature: Signature) -> Body:
    """Return a body with a header, if it is a CSV that has none: SageMaker's clients send rows of numbers alone.

    Raises `InvalidBody` if these are more or fewer than the features.
    """
    names = [column.name for column in signature.features]
    cells = body.data.partition(b"\n")[0].split(b",") if body.media_type == CSV else []
    if not cells or not all(map(_NUMBER.fullmatch, cells)):
        return body
    if len(cells) != len(names):
        if not {name.encode() for name in names}.isdisjoint(cell.strip() for cell in cells):
            return body
        raise InvalidBody([BodyError(_WANTED.format(len(cells), len(names)), "")])
    if all(name.encode() == cell.strip() for name, cell in zip(names, cells, strict=True)):
        return body
    return replace(body, data=write_csv(names, []).encode() + body.data)
