"""Instances and predictions, as KServe's first protocol, TensorFlow Serving and Vertex AI have them."""

from collections.abc import Iterator, Mapping
from math import isnan
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field

from app.budget import check_answer_bytes
from app.errors import BodyError, InvalidBody
from app.predict import PredictRequest, classify, interval_bounds, predict
from app.rest.dialects.parameters import read_coverage
from app.tables import JsonList, Table, check, parse_json, write_json_pieces
from model.predictors import Classifier, Regressor
from model.table import Signature

STRICT = ConfigDict(strict=True, extra="ignore")

PIECE_ROWS = 1000
"""Of an answer that is written at a time; between two pieces other threads may run."""

BYTES_A_VALUE = 20
"""Of a number as text, about, with what is round it."""


class InstancesMembers(BaseModel):
    """The JSON of a request."""

    model_config = STRICT

    instances: list[Any] = Field(min_length=1)
    parameters: dict[str, Any] | None = None


def read_instances(body: bytes, signature: Signature) -> tuple[Table, float | None]:
    """Return a body's instances as a table, and the coverage that it asks for; None: no intervals.

    Raises `MalformedBody`, `InvalidBody`.
    """
    members = check(InstancesMembers, parse_json(body))
    return to_table(members.instances, signature, "instances"), read_coverage(members.parameters or {})


def to_table(rows: list[Any], signature: Signature, member: str) -> Table:
    """Return rows as a table: objects by their names, or lists in the order of the features. Raises `InvalidBody`."""
    names = [column.name for column in signature.features]
    first = rows[0] if rows else []
    if isinstance(first, dict):
        for place, each in enumerate(rows):
            if not isinstance(each, dict) or each.keys() != first.keys():
                raise refuse_row(member, place, "should be an object with the same names as the first")
        return make_table({name: [each[name] for each in rows] for name in first}, len(rows))
    return lists_to_table(rows, names, member)


def lists_to_table(rows: list[Any], names: list[str], member: str) -> Table:
    """Return rows, which are lists of as many values as there are names, as a table. Raises `InvalidBody`."""
    for place, each in enumerate(rows):
        if not isinstance(each, list) or len(each) != len(names):
            raise refuse_row(member, place, f"should be an object, or a list of {len(names)} values, like all others")
    return make_table({name: [each[place] for each in rows] for place, name in enumerate(names)}, len(rows))


def make_table(columns: Mapping[str, list[Any]], rows: int) -> Table:
    """Return columns as a table. NaN stands for a missing value, as pandas has it: its clients write it, though it is no JSON."""
    known = {
        name: [None if isinstance(value, float) and isnan(value) else value for value in values]
        for name, values in columns.items()
    }
    return Table(known, is_typed=True, row_count=rows)


def refuse_row(member: str, place: int, detail: str) -> InvalidBody:
    """Return the error about a row of a member of the body."""
    return InvalidBody([BodyError(f"{member}: row {place + 1} {detail}", f"/{member}/{place}")])


def write_predictions(asked: PredictRequest, predictor: Regressor | Classifier) -> Iterator[bytes]:
    """Return the pieces of an answer: for each row a value, or an object where there are several targets, or intervals.

    The prediction is made at once. Raises `InvalidBody`, `BodyTooLarge`.
    """
    columns = make_columns(asked, predictor)
    names = list(columns)

    def make(rows: slice) -> list[Any]:
        values = take_rows(columns, rows)
        return [row[0] for row in values] if len(names) == 1 else [dict(zip(names, row, strict=True)) for row in values]

    return write_json_pieces({"predictions": JsonList(len(asked.features), PIECE_ROWS, make)})


def make_columns(asked: PredictRequest, predictor: Regressor | Classifier) -> Mapping[str, NDArray[Any]]:
    """Return what is predicted as columns by name: the targets, and where a coverage was asked for their intervals."""
    columns = _classify(asked, predictor) if isinstance(predictor, Classifier) else _predict(asked, predictor)
    longest = max(map(len, predictor.signature.targets[0].categories), default=0)
    bytes_a_row = sum(len(name) + max(BYTES_A_VALUE, longest) for name in columns)
    check_answer_bytes(len(asked.features), len(asked.features) * bytes_a_row)
    return columns


def take_rows(columns: Mapping[str, NDArray[Any]], rows: slice) -> list[tuple[Any, ...]]:
    """Return some rows of columns."""
    return list(zip(*(column[rows].tolist() for column in columns.values()), strict=True))


def _classify(asked: PredictRequest, classifier: Classifier) -> dict[str, NDArray[Any]]:
    target = classifier.signature.targets[0]
    return {target.name: np.array(target.categories, dtype=object)[classify(asked, classifier).most_probable]}


def _predict(asked: PredictRequest, regressor: Regressor) -> dict[str, NDArray[Any]]:
    predicted = predict(asked, regressor)
    bounds = dict(zip(("lower", "upper"), interval_bounds(predicted), strict=True)) if asked.coverage else {}
    columns: dict[str, NDArray[Any]] = {}
    for place, target in enumerate(regressor.signature.targets):
        columns[target.name] = predicted.mean[:, place]
        columns |= {f"{target.name}_{side}": bound[:, place] for side, bound in bounds.items()}
    return {**columns, "extrapolated": np.asarray(predicted.extrapolated.any(axis=1))} if bounds else columns
