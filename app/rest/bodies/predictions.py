"""The answers to rows, as pydantic models."""

from pydantic import BaseModel, Field

READ = "How texts that are not plain numbers or words were read; absent if there were none."


class Interval(BaseModel):
    """A prediction interval: it holds the truth with the probability that `coverage` says."""

    lower: float
    upper: float


Figures = dict[str, float | None]
"""By the number that was asked for, as text; null where the spread could not be estimated."""

QUANTILES = "If asked for: for each target and probability, the value that the target is below with this probability."
DEVIATION = "If asked for: for each target, half the width of the interval that holds the truth in 68.27 % of cases."
ABOVE = "If asked for: for each target and value, the probability that it is above the value."
BETWEEN = "If asked for: for each target, the probability that it is between the two values."


class Prediction(BaseModel):
    """The answer to one row."""

    model_name: str
    model_version: int
    prediction: dict[str, float | str]
    probabilities: dict[str, dict[str, float]] = Field(
        default_factory=dict, description="For a classifier: the probability of each category of its target."
    )
    interval: dict[str, Interval | dict[str, Interval | None] | None] = Field(
        default_factory=dict,
        description="Null where the spread could not be estimated; absent if coverage was null. If several coverages were "
        "asked for, there is one interval for each.",
    )
    quantiles: dict[str, Figures] = Field(default_factory=dict, description=QUANTILES)
    standard_deviation: dict[str, float | None] = Field(default_factory=dict, description=DEVIATION)
    above: dict[str, Figures] = Field(default_factory=dict, description=ABOVE)
    between: dict[str, float | None] = Field(default_factory=dict, description=BETWEEN)
    coverage: float | list[float] = Field(default=0.95, description="Absent if it was null.")
    extrapolated: list[str] = Field(description="Features that lie outside the range of the training rows.")
    warnings: list[str]
    read: list[str] = Field(default=[], description=READ)


class Predictions(BaseModel):
    """The answers to many rows, in the order of the rows."""

    model_name: str
    model_version: int
    predictions: list[dict[str, float | str]]
    probabilities: list[dict[str, dict[str, float]]] = Field(
        default_factory=list, description="For a classifier: the probability of each category of its target."
    )
    intervals: list[dict[str, Interval | dict[str, Interval | None] | None]] = Field(
        default_factory=list, description="Absent if coverage was null."
    )
    quantiles: list[dict[str, Figures]] = Field(default_factory=list, description=QUANTILES)
    standard_deviations: list[dict[str, float | None]] = Field(default_factory=list, description=DEVIATION)
    above: list[dict[str, Figures]] = Field(default_factory=list, description=ABOVE)
    between: list[dict[str, float | None]] = Field(default_factory=list, description=BETWEEN)
    coverage: float | list[float] = Field(default=0.95, description="Absent if it was null.")
    extrapolated: list[list[str]]
    warnings: list[str]
    read: list[str] = Field(default=[], description=READ)
