"""Rows as pydantic models, built from a signature."""

from functools import lru_cache
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, FailFast, Field, WithJsonSchema, create_model
from pydantic_core import PydanticCustomError

from app.tables.columns import ISO, parse_date_format, parse_format
from model.table import Column

MAX_FEATURES, MAX_TARGETS = 1000, 100
"""The most columns that a model may have."""

MAX_NAME_CHARACTERS = 200
"""The longest name that a column may have, however it is declared."""

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
    if column.is_date:
        kind = _make_date(column)
    elif column.reading:
        kind = Annotated[float, BeforeValidator(parse_format(column.reading).read_value)]
    default = {"default": None} if column.may_be_missing else {}
    field = Field(alias=column.name, ge=column.minimum, le=column.maximum, description=column.unit, **default)  # type: ignore[call-overload]
    return (kind | None if column.may_be_missing else kind), field


def _make_date(column: Column) -> Any:
    """Return the type of a date: a text, which becomes the number of days since 1970."""
    reading = column.reading or ISO
    read = parse_date_format(reading).read_all

    def convert(value: Any) -> float:
        days = float(read([value], 1)[0])
        if days != days:  # noqa: PLR0124 - NaN
            raise PydanticCustomError("date", "should be a date, such as {reading}", {"reading": reading})
        return days

    schema = {"type": "string", "description": f"a date, such as {reading}"}
    return Annotated[float, BeforeValidator(convert), WithJsonSchema(schema)]


@lru_cache(maxsize=256)
def rows_schema(features: Columns, members: type[BaseModel]) -> type[BaseModel]:
    """Return the schema of a body with many rows to predict, and what it may have beside them."""
    return create_model("Rows", __base__=members, __doc__=None, rows=build_rows_field(row_schema(features)))


def build_rows_field(row: type[BaseModel]) -> Any:
    """Return the type and the constraints of a body's member `rows`: at least one row of this schema.

    It stops at the first wrong row: with the errors of all, a body of a few KB would take gigabytes.
    """
    return Annotated[list[row], FailFast()], Field(min_length=1)  # type: ignore[valid-type]


def name_field(index: int) -> str:
    """Return the attribute of a row's column: its own name need not be one that Python allows."""
    return f"column_{index}"
