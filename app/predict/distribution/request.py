"""What a request may ask of the predictive distribution, beside its rows: in a JSON body, or in the query."""

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, Discriminator, Field, Tag

from app.errors import BodyError, InvalidBody
from app.tables import DEFAULT_COVERAGE, STRICT, Body, Coverage, parse_query_value

MAX_COVERAGES, MAX_QUANTILES, MAX_VALUES = 20, 100, 20
"""The most that one request may ask for."""

SMALLEST = 1e-9
"""The least probability that a quantile is computed for, and how far from 1 the greatest is."""

Probability = Annotated[float, Field(ge=SMALLEST, le=1 - SMALLEST)]


_ONE, _SEVERAL = Tag("one"), Tag("several")
_BY_COUNT = Discriminator(
    lambda value: "several" if isinstance(value, list) else "one"
)  # so that errors are of one kind

_Coverages = Annotated[list[Annotated[float, Field(gt=0, lt=1)]], Field(min_length=1, max_length=MAX_COVERAGES)]
_Values = Annotated[list[float], Field(max_length=MAX_VALUES)]


class DistributionMembers(BaseModel):
    """What is to be told of each target."""

    model_config = STRICT

    coverage: Annotated[Annotated[Coverage, _ONE] | Annotated[_Coverages, _SEVERAL], _BY_COUNT] = Field(
        default=DEFAULT_COVERAGE,
        description="The probability with which intervals hold the truth; several: an interval for each; null: no "
        "intervals, which is quicker.",
    )
    quantiles: list[Probability] = Field(
        default=[],
        max_length=MAX_QUANTILES,
        description="Probabilities: for each, the value that the target is below with this probability.",
    )
    standard_deviation: bool = Field(
        default=False,
        description="Whether to give half the width of the 68.27 % interval (the standard deviation of a normal "
        "distribution).",
    )
    above: Annotated[Annotated[float, _ONE] | Annotated[_Values, _SEVERAL], _BY_COUNT] = Field(
        default=[], description="Values: for each, the probability that the target is above it."
    )
    between: Annotated[list[float], Field(min_length=2, max_length=2)] | None = Field(
        default=None, description="Two values: the probability that the target is one of them, or between them."
    )


EXAMPLES = {"coverage": "0.5,0.95", "quantiles": "0.1,0.9", "above": "80,90", "between": "80,90"}
"""How several numbers are written, for each option that may be several."""
FIGURES = ("quantiles", "standard_deviation", "above", "between")


def read_members(query: Mapping[str, str]) -> dict[str, Any]:
    """Return the values of those members that stand in the query; several numbers are separated by commas.

    Raises `InvalidBody`.
    """
    return {name: _read_value(name, query[name]) for name in DistributionMembers.model_fields if name in query}


def asks_for_figures(body: Body, query: Mapping[str, str]) -> bool:
    """Tell whether a request seems to ask for more than a mean and an interval, before its body is read."""
    is_escaped = b"\\u" in body.data  # so that a name may be written in other ways
    return is_escaped or any(name in query or f'"{name}"'.encode() in body.data for name in FIGURES)


def _read_value(name: str, text: str) -> Any:
    if name not in EXAMPLES or (name == "coverage" and "," not in text):
        return parse_query_value(text)
    try:
        return [float(number) for number in text.strip(" []").split(",")]
    except ValueError:
        detail = f"query parameter {name!r}: should be numbers separated by commas, such as {name}={EXAMPLES[name]}"
        raise InvalidBody([BodyError(detail, "")]) from None
