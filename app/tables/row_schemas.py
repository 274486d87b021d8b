"""Rows as pydantic models, built from a signature."""

from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from model.table import Column

MOST_FEATURES, MOST_TARGETS = 1000, 100

STRICT = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


def build_model(name: str, members: dict[str, Any], doc: str | None = None) -> type[BaseModel]:
    """Return a strict pydantic model with these members."""
    return create_model(name, __config__=STRICT, __doc__=doc, **members)


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


GivenCoverage = Annotated[float, Field(gt=0, lt=1, description="The probability with which intervals hold the truth.")]


@lru_cache(maxsize=256)
def row_model(columns: Columns, name: str = "Row") -> type[BaseModel]:
    """Return the body of one row with these columns, built once."""
    return build_model(name, {field_name(index): _member(column) for index, column in enumerate(columns)})


def _member(column: Column) -> tuple[Any, Any]:
    kind: Any = Literal[column.categories] if column.is_category else float
    default = {"default": None} if column.may_be_missing else {}
    field = Field(alias=column.name, ge=column.minimum, le=column.maximum, description=column.unit, **default)  # type: ignore[call-overload]
    return (kind | None if column.may_be_missing else kind), field


@lru_cache(maxsize=256)
def rows_model(features: Columns) -> type[BaseModel]:
    """Return the body of many rows to predict."""
    return build_model("Rows", {"rows": rows_field(row_model(features)), "coverage": (Coverage, DEFAULT_COVERAGE)})


@lru_cache(maxsize=256)
def evaluate_model(columns: Columns) -> type[BaseModel]:
    """Return the body of rows of features and targets to be judged by."""
    return build_model(
        "EvaluateRequest",
        {"rows": rows_field(row_model(columns, "LabelledRow")), "coverage": (GivenCoverage, DEFAULT_COVERAGE)},
    )


def rows_field(row: type[BaseModel]) -> Any:
    """Return the member `rows` of a body: at least one row of this kind."""
    return list[row], Field(min_length=1)  # type: ignore[valid-type]


def field_name(index: int) -> str:
    """Return the attribute of a row's column: its own name need not be one that Python allows."""
    return f"column_{index}"
