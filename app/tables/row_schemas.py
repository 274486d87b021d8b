"""Rows as pydantic models, built from a signature."""

from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from model.table import Column

MAX_FEATURES, MAX_TARGETS = 1000, 100
"""The most columns that a model may have."""

STRICT = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


def build_schema(name: str, members: dict[str, Any], doc: str | None = None) -> type[BaseModel]:
    """Return a strict pydantic model with these members."""
    return create_model(name, __config__=STRICT, __doc__=doc, **members)


class Row(BaseModel):
    """The base of all schemas of one row: a member that it does not have is a column that the model does not have."""

    model_config = STRICT


Columns = tuple[Column, ...]

DEFAULT_COVERAGE = 0.95

Coverage = Annotated[
    float | None,
    Field(
        gt=0,
        lt=1,
        description="The probability with which intervals hold the truth; null: no intervals, which is quicker.",
    ),
]


RequiredCoverage = Annotated[
    float, Field(gt=0, lt=1, description="The probability with which intervals hold the truth.")
]


@lru_cache(maxsize=256)
def row_schema(columns: Columns, name: str = "Row") -> type[BaseModel]:
    """Return the schema of one row with these columns; it is built once."""
    members: dict[str, Any] = {name_field(index): _build_member(column) for index, column in enumerate(columns)}
    return create_model(name, __base__=Row, **members)


def _build_member(column: Column) -> tuple[Any, Any]:
    kind: Any = Literal[column.categories] if column.is_category else float
    default = {"default": None} if column.may_be_missing else {}
    field = Field(alias=column.name, ge=column.minimum, le=column.maximum, description=column.unit, **default)  # type: ignore[call-overload]
    return (kind | None if column.may_be_missing else kind), field


@lru_cache(maxsize=256)
def rows_schema(features: Columns) -> type[BaseModel]:
    """Return the schema of a body with many rows to predict."""
    return build_schema(
        "Rows", {"rows": build_rows_field(row_schema(features)), "coverage": (Coverage, DEFAULT_COVERAGE)}
    )


@lru_cache(maxsize=256)
def evaluate_schema(columns: Columns) -> type[BaseModel]:
    """Return the schema of a body with rows of features and targets to evaluate a version on."""
    return build_schema(
        "EvaluateRequest",
        {
            "rows": build_rows_field(row_schema(columns, "LabelledRow")),
            "coverage": (RequiredCoverage, DEFAULT_COVERAGE),
        },
    )


def build_rows_field(row: type[BaseModel]) -> Any:
    """Return the type and the constraints of a body's member `rows`: at least one row of this schema."""
    return list[row], Field(min_length=1)  # type: ignore[valid-type]


def name_field(index: int) -> str:
    """Return the attribute of a row's column: its own name need not be one that Python allows."""
    return f"column_{index}"
