"""The body that answers the check of a table."""

from typing import Literal

from pydantic import BaseModel, Field


class CheckedColumnAnswer(BaseModel):
    """A column of a table that was checked."""

    name: str
    role: Literal["feature", "target", "ignored"]
    kind: Literal["number", "category", "date"] | None = Field(
        description="Null where it could not be told, or the column is ignored."
    )
    unit: str | None
    bounds: list[float | None] | None = Field(description="The least and the greatest value that the model accepts.")
    minimum: float | str | None = Field(description="The least value in the table; null if some cells are wrong.")
    maximum: float | str | None = Field(description="The greatest.")
    missing: int = Field(description="Cells that are empty, or stand for a missing value.")
    categories: list[str]
    reading: str | None = Field(description="How its texts write 1234.5, if not so; of dates, 31 January 2024.")


class CellError(BaseModel):
    """One thing that is wrong with a table."""

    detail: str
    pointer: str = Field(description="A JSON pointer (RFC 6901) to it, as if the rows had come under `rows`.")
    row: int | None = Field(description="Counted from 0; null if it is not about one row.")
    column: str | None = Field(description="Null if it is not about one column.")


class Cells(BaseModel):
    """A table's cells as texts, as they were sent."""

    columns: list[str]
    rows: list[list[str]]


class CheckAnswer(BaseModel):
    """What a training would make of a table."""

    model_name: str
    rows: int
    columns: list[CheckedColumnAnswer]
    errors: list[CellError] = Field(description="Why a training would be refused; empty if it would not.")
    read: list[str] = Field(description="What was assumed of the table's texts.")
    warnings: list[str] = Field(description="What of it may not be what is wanted.")
    cells: Cells | None = Field(default=None, description="With `?cells=true`.")
