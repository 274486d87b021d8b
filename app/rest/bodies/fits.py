"""The body that tells how a version fits the table that it was trained with."""

from typing import Annotated

from pydantic import BaseModel, Field

Values = list[float | str | None]
Intervals = Annotated[
    dict[str, dict[str, Values]] | None,
    Field(description="For each target, `lower` and `upper`; null of a classifier."),
]
Probabilities = Annotated[
    dict[str, dict[str, Values]] | None,
    Field(description="Of a classifier: for its target, of each category; else null."),
]


class UnseenAnswer(BaseModel):
    """What was said of the rows that are told by what had not seen them."""

    predictions: dict[str, Values]
    intervals: Intervals
    probabilities: Probabilities


class FitAnswer(BaseModel):
    """Rows of the table, evenly chosen, beside what the version answers for them. Each list has a value for each row that is told."""

    model_name: str
    model_version: int
    rows: int = Field(description="Of the whole table.")
    shown: int = Field(description="How many of them are told.")
    coverage: float
    row_numbers: list[int] = Field(description="Which rows are told, counted from 0.")
    ranges: dict[str, dict[str, float | str]] = Field(
        description="For each feature that is a number or a date, its `minimum` and `maximum` in the whole table."
    )
    features: dict[str, Values] = Field(description="Categories as texts, dates as ISO 8601 has them, gaps as null.")
    targets: dict[str, Values]
    predictions: dict[str, Values]
    intervals: Intervals
    probabilities: Probabilities
    unseen: UnseenAnswer | None = Field(
        description="What was said of the same rows by what had not seen them, as the training judged; null where that was "
        "not kept. It is kept of 1,000 rows at most: others are not told then."
    )
    judged_by: str | None = Field(description="In words: how rows were left out for `unseen`; null where that is null.")
