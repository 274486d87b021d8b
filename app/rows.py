"""Rows as they travel, and matrices as the network wants them: from one to the other by a signature."""

from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any

import numpy as np
from pydantic import BaseModel

from app.bodies import check
from app.schemas import field_name, row_schemas
from model.activations import FloatArray
from model.dataset import Dataset
from model.signature import Column, Signature
from model.trainers import TRAINERS
from model.training import TrainingSpec


def features_of(signature: Signature, body: Any) -> FloatArray:
    """Return the features (rows, features) of a body: one row, or many under `rows`. Raises `InvalidBody`."""
    schemas = row_schemas(signature)
    if isinstance(body, dict) and "rows" in body:
        return _matrix(check(schemas.predict, body).rows, len(signature.features))  # type: ignore[attr-defined]
    return _matrix([check(schemas.row, body)], len(signature.features))


def training_spec(signature: Signature, body: Any) -> TrainingSpec:
    """Return what a body asks to be trained. Raises `InvalidBody`."""
    request: Any = check(row_schemas(signature).train, body)
    table = _matrix(request.rows, len(signature.columns))
    options = request.trainer.model_dump()
    trainer = TRAINERS[options.pop("name")](**options)
    chosen = request.network.model_dump(exclude_unset=True)
    if "hidden_layers" in chosen:
        chosen["hidden_layers"] = tuple(chosen["hidden_layers"])
    return TrainingSpec(
        signature,
        Dataset(*np.hsplit(table, [len(signature.features)])),
        replace(trainer.default_network, **chosen),
        trainer,
        request.seed,
    )


def to_rows(matrix: FloatArray, columns: Sequence[Column]) -> list[dict[str, float]]:
    """Return a matrix (rows, columns) as one mapping of names to numbers a row."""
    names = [column.name for column in columns]
    return [dict(zip(names, values, strict=True)) for values in matrix.tolist()]


def _matrix(rows: Sequence[BaseModel], columns: int) -> FloatArray:
    values = attrgetter(*map(field_name, range(columns)))
    return np.array([values(row) for row in rows], dtype=np.float64).reshape(len(rows), columns)
