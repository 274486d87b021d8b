"""The bodies of requests, as pydantic models; those with rows are built from a signature."""

from dataclasses import fields
from functools import cache, lru_cache
from typing import Annotated, Any, Literal, Union, get_type_hints

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag, create_model

from model.signature import Column
from model.trainers import DEFAULT_TRAINER, TRAINERS, Trainer

MOST_FEATURES, MOST_TARGETS = 1000, 100

STRICT = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)


def _left_out(**constraints: Any) -> Any:
    """Return a field that may be left out, but not null: what is left out is for the trainer to choose."""

    def drop_default(schema: dict[str, Any]) -> None:
        schema.pop("default", None)

    return Field(default=None, json_schema_extra=drop_default, **constraints)


class NetworkRequest(BaseModel):
    """What may be chosen about the network; what is left out is the trainer's choice."""

    model_config = STRICT

    hidden_layers: list[Annotated[int, Field(ge=1, le=4096)]] = _left_out(
        max_length=8, description="Units in each hidden layer, from the inputs to the outputs."
    )
    activation: Literal["relu", "sigmoid", "tanh"] = _left_out(description="Of the hidden layers.")
    output_activation: Literal["identity", "sigmoid"] = _left_out()
    bias: bool = _left_out(description="Whether units have a bias.")
    scaling: Literal["bounds", "max", "standard"] = _left_out(
        description="Scale columns by their declared bounds, by their maximum, or to mean 0 and standard deviation 1."
    )


def _model(name: str, members: dict[str, Any], doc: str | None = None) -> type[BaseModel]:
    return create_model(name, __config__=STRICT, __doc__=doc, **members)


@cache
def _trainer_request(trainer: type[Trainer]) -> type[BaseModel]:
    """Return the body that chooses a trainer's options: the fields of its dataclass, with their constraints."""
    hints = get_type_hints(trainer)
    options: dict[str, Any] = {
        option.name: (hints[option.name], Field(default=option.default, **option.metadata))
        for option in fields(trainer)  # type: ignore[arg-type]  # every trainer is a dataclass
    }
    options["name"] = (Literal[trainer.name], trainer.name)
    return _model(f"{trainer.__name__}Request", options, trainer.__doc__)


def _trainer_name(request: Any) -> str:
    name = request.get("name", DEFAULT_TRAINER) if isinstance(request, dict) else DEFAULT_TRAINER
    return name if isinstance(name, str) else ""


@cache
def trainer_request() -> Any:
    """Return the type of a request's `trainer`: one of the table's, told apart by `name`."""
    choices = [Annotated[_trainer_request(trainer), Tag(name)] for name, trainer in TRAINERS.items()]
    return Annotated[Union[tuple(choices)], Discriminator(_trainer_name)]  # noqa: UP007


class Options(BaseModel):
    """What a training may be asked for beside its rows."""

    model_config = STRICT

    network: NetworkRequest = NetworkRequest()
    trainer: trainer_request() = Field(default_factory=_trainer_request(TRAINERS[DEFAULT_TRAINER]))  # type: ignore[valid-type]
    seed: int = Field(default=0, ge=0, lt=2**63, description="Equal seeds give equal results.")
    extend: bool = Field(default=False, description="Add the rows to those that the default version was trained with.")
    keep_table: bool = Field(default=True, description="Keep the rows with the version, so that it can be extended.")


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

    features: list[ColumnRequest] = Field(min_length=1, max_length=MOST_FEATURES)
    targets: list[ColumnRequest] = Field(min_length=1, max_length=MOST_TARGETS)
    network: NetworkRequest = NetworkRequest()
    trainer: trainer_request() = Field(default_factory=_trainer_request(TRAINERS[DEFAULT_TRAINER]))  # type: ignore[valid-type]
    missing: Literal["refuse", "mean"] = Field(
        default="refuse",
        description="What becomes of rows in which a feature is missing: an error, or the mean of the training rows in its place.",
    )


class DefaultVersionRequest(BaseModel):
    """Which version answers."""

    model_config = STRICT

    model_version: int = Field(ge=1)


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
    return _model(name, {field_name(index): _member(column) for index, column in enumerate(columns)})


def _member(column: Column) -> tuple[Any, Any]:
    kind: Any = Literal[column.categories] if column.is_category else float
    default = {"default": None} if column.may_be_missing else {}
    field = Field(alias=column.name, ge=column.minimum, le=column.maximum, description=column.unit, **default)  # type: ignore[call-overload]
    return (kind | None if column.may_be_missing else kind), field


@lru_cache(maxsize=256)
def rows_model(features: Columns) -> type[BaseModel]:
    """Return the body of many rows to predict."""
    return _model("Rows", {"rows": _rows_of(row_model(features)), "coverage": (Coverage, DEFAULT_COVERAGE)})


@lru_cache(maxsize=256)
def train_model(columns: Columns) -> type[Options]:
    """Return the body of a training: rows of features and targets, with options."""
    rows = {"rows": _rows_of(row_model(columns, "LabelledRow"))}
    return create_model("TrainRequest", __base__=Options, **rows)


@lru_cache(maxsize=256)
def evaluate_model(columns: Columns) -> type[BaseModel]:
    """Return the body of rows of features and targets to be judged by."""
    return _model(
        "EvaluateRequest",
        {"rows": _rows_of(row_model(columns, "LabelledRow")), "coverage": (GivenCoverage, DEFAULT_COVERAGE)},
    )


def _rows_of(row: type[BaseModel]) -> Any:
    return list[row], Field(min_length=1)  # type: ignore[valid-type]


def field_name(index: int) -> str:
    """Return the attribute of a row's column: its own name need not be one that Python allows."""
    return f"column_{index}"
