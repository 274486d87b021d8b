"""Rows whose columns only a model's declaration names: what can be said of them without it."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, RootModel

from app.predict import DistributionMembers
from app.train import Options

_CELL: dict[str, Any] = {"type": ["number", "string", "null"]}


class AnyRow(RootModel[dict[str, float]]):
    """One row: each column that the model's signature names, once. Categories are texts; null where it may be missing."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "additionalProperties": _CELL})


class AnyRows(BaseModel):
    """Many rows, with the columns that the model's signature names."""

    rows: list[AnyRow] = Field(min_length=1)


class AnyPredictRequest(DistributionMembers):
    """Many rows, with the columns that the model's signature names, and what is to be told of them."""

    rows: list[AnyRow] = Field(min_length=1)


class AnyTrainRequest(Options):
    """Rows of features and targets, with the columns that the model's signature names, and options."""

    rows: list[AnyRow] = Field(min_length=1)
