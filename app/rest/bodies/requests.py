"""The bodies that declare a model, and that choose its default version."""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, FailFast, Field

from app.budget import MAX_COLUMNS
from app.tables import MAX_FEATURES, MAX_NAME_CHARACTERS, MAX_TARGETS, STRICT, clean_name
from app.train import NetworkRequest, default_trainer_request, trainer_request

_WITHOUT_BOUNDS = {"minimum": {"type": "null"}, "maximum": {"type": "null"}}
_RULES_OF_KINDS: dict[str, Any] = {
    "allOf": [
        {
            "if": {"properties": {"kind": {"const": "category"}}, "required": ["kind"]},
            "then": {"required": ["categories"], "properties": {"categories": {"minItems": 1}, **_WITHOUT_BOUNDS}},
            "else": {"properties": {"categories": {"maxItems": 0}}},
        },
        {
            "if": {"properties": {"kind": {"const": "date"}}, "required": ["kind"]},
            "then": {"properties": _WITHOUT_BOUNDS},
        },
    ]
}
"""What a column of each kind must and may not have; `Column` checks it."""


class ColumnRequest(BaseModel):
    """A column of a model that is declared."""

    model_config = ConfigDict(**STRICT, json_schema_extra=_RULES_OF_KINDS)

    name: Annotated[str, AfterValidator(clean_name)] = Field(min_length=1, max_length=MAX_NAME_CHARACTERS)
    kind: Literal["number", "category", "date"] = Field(
        default="number", description="Dates are texts as ISO 8601 has them."
    )
    categories: Annotated[list[Annotated[str, Field(min_length=1, max_length=200)]], FailFast()] = Field(
        default=[],
        max_length=1000,
        json_schema_extra={"uniqueItems": True},
        description="Of the kind `category`, and only of it: the values there are; all must differ.",
    )
    unit: str | None = Field(default=None, max_length=100)
    minimum: float | None = Field(default=None, description="The least value that is accepted, and answered.")
    maximum: float | None = Field(default=None, description="The greatest value that is accepted, and answered.")
    may_be_missing: bool = Field(
        default=False, description="Of a feature: whether rows may leave it out; see `missing`."
    )
    reading: str | None = Field(
        default=None, max_length=200, description="How its texts write 1234.5; of dates, 31 January 2024."
    )
    marks: Annotated[list[Annotated[str, Field(max_length=200)]], FailFast()] = Field(
        default=[],
        max_length=1000,
        description="Texts that stand for a missing value, beside those that do everywhere.",
    )


ColumnRequests = Annotated[list[ColumnRequest], FailFast()]
"""Only the first wrong column is reported: all that can be wrong with 1,000 columns would take gigabytes."""


class DeclarationRequest(BaseModel):
    """What a model is: the columns it reads and predicts, and its default options. The names of all its columns must differ."""

    model_config = STRICT

    features: ColumnRequests = Field(min_length=1, max_length=MAX_FEATURES)
    targets: ColumnRequests = Field(min_length=1, max_length=MAX_TARGETS)
    network: NetworkRequest = NetworkRequest()
    trainer: trainer_request() = Field(default_factory=default_trainer_request)  # type: ignore[valid-type]
    missing: Literal["refuse", "mean"] = Field(
        default="refuse",
        description="What becomes of rows in which a feature is missing: an error, or the mean of the training rows in its place.",
    )
    left_out: Annotated[
        list[Annotated[str, AfterValidator(clean_name), Field(min_length=1, max_length=MAX_NAME_CHARACTERS)]],
        FailFast(),
    ] = Field(
        default=[], max_length=MAX_COLUMNS, description="Columns that tables may have, too, but that are not read."
    )


class DefaultVersionRequest(BaseModel):
    """Which version answers."""

    model_config = STRICT

    model_version: int = Field(ge=1)
