"""The bodies that declare a model, and that choose its default version."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from app.tables import MAX_FEATURES, MAX_TARGETS, STRICT
from app.train import NetworkRequest, default_trainer_request, trainer_request


class ColumnRequest(BaseModel):
    """A column of a model that is declared."""

    model_config = STRICT

    name: str = Field(min_length=1, max_length=200)
    kind: Literal["number", "category"] = "number"
    categories: list[Annotated[str, Field(min_length=1, max_length=200)]] = Field(
        default=[], max_length=1000, description="Of the kind `category`, and only of it: the values there are."
    )
    unit: str | None = Field(default=None, max_length=100)
    minimum: float | None = Field(default=None, description="The least value that is accepted, and answered.")
    maximum: float | None = Field(default=None, description="The greatest value that is accepted, and answered.")


class DeclarationRequest(BaseModel):
    """What a model is: the columns it reads and predicts, and its default options."""

    model_config = STRICT

    features: list[ColumnRequest] = Field(min_length=1, max_length=MAX_FEATURES)
    targets: list[ColumnRequest] = Field(min_length=1, max_length=MAX_TARGETS)
    network: NetworkRequest = NetworkRequest()
    trainer: trainer_request() = Field(default_factory=default_trainer_request)  # type: ignore[valid-type]
    missing: Literal["refuse", "mean"] = Field(
        default="refuse",
        description="What becomes of rows in which a feature is missing: an error, or the mean of the training rows in its place.",
    )


class DefaultVersionRequest(BaseModel):
    """Which version answers."""

    model_config = STRICT

    model_version: int = Field(ge=1)
