"""A training's options: the schemas that check them, and the network, trainer and seed that they choose."""

from dataclasses import fields, replace
from functools import cache, lru_cache
from typing import Annotated, Any, Literal, Union, get_type_hints

from pydantic import BaseModel, Discriminator, Field, Tag, create_model

from app.registry import Declaration
from app.tables import (
    STRICT,
    Columns,
    build_rows_field,
    build_schema,
    row_schema,
)
from model.errors import OptionsError
from model.fitting import TrainingSpec
from model.table import Dataset
from model.trainers import DEFAULT_TRAINER, LBFGS, TRAINERS, Trainer


def _optional(**constraints: Any) -> Any:
    """Return a field that may be absent, but not null: the trainer chooses what is absent."""

    def drop_default(schema: dict[str, Any]) -> None:
        schema.pop("default", None)

    return Field(default=None, json_schema_extra=drop_default, **constraints)


class NetworkRequest(BaseModel):
    """Options of the network; the trainer chooses what is left out."""

    model_config = STRICT

    hidden_layers: list[Annotated[int, Field(ge=1, le=4096)]] = _optional(
        max_length=8, description="Units in each hidden layer, from the inputs to the outputs."
    )
    activation: Literal["relu", "sigmoid", "tanh"] = _optional(description="Of the hidden layers.")
    output_activation: Literal["identity", "sigmoid"] = _optional()
    bias: bool = _optional(description="Whether units have a bias.")
    scaling: Literal["bounds", "max", "standard"] = _optional(
        description="Scale columns by their declared bounds, by their maximum, or to mean 0 and standard deviation 1."
    )


@cache
def _trainer_request(trainer: type[Trainer]) -> type[BaseModel]:
    """Return the body that chooses a trainer's options: the fields of its dataclass, with their constraints."""
    hints = get_type_hints(trainer)
    options: dict[str, Any] = {
        option.name: (hints[option.name], Field(default=option.default, **option.metadata))
        for option in fields(trainer)  # type: ignore[arg-type]  # every trainer is a dataclass
    }
    options["name"] = (Literal[trainer.name], trainer.name if trainer.name == DEFAULT_TRAINER else ...)
    return build_schema(f"{trainer.__name__}Request", options, trainer.__doc__)


def _trainer_name(request: Any) -> str:
    name = request.get("name", DEFAULT_TRAINER) if isinstance(request, dict) else DEFAULT_TRAINER
    return name if isinstance(name, str) else ""


@cache
def trainer_request() -> Any:
    """Return the type of a request's `trainer`: one of the registered trainers, chosen by `name`."""
    choices = [Annotated[_trainer_request(trainer), Tag(name)] for name, trainer in TRAINERS.items()]
    return Annotated[Union[tuple(choices)], Discriminator(_trainer_name)]  # noqa: UP007


def default_trainer_request() -> BaseModel:
    """Return the `trainer` of a request that names none."""
    return _trainer_request(TRAINERS[DEFAULT_TRAINER])()


class Options(BaseModel):
    """The options of a training, beside its rows."""

    model_config = STRICT

    network: NetworkRequest = NetworkRequest()
    trainer: trainer_request() = Field(default_factory=default_trainer_request)  # type: ignore[valid-type]
    seed: int = Field(default=0, ge=0, lt=2**63, description="Equal seeds give equal results.")
    extend: bool = Field(default=False, description="Add the rows to those that the default version was trained with.")
    keep_table: bool = Field(default=True, description="Keep the rows with the version, so that it can be extended.")
    restart: bool = Field(
        default=True,
        description="Begin the training anew, once, if the server is told to stop while it runs; else it fails.",
    )


@lru_cache(maxsize=256)
def train_schema(columns: Columns) -> type[Options]:
    """Return the schema of a training's body: rows of features and targets, with options."""
    rows = {"rows": build_rows_field(row_schema(columns, "LabelledRow"))}
    return create_model("TrainRequest", __base__=Options, **rows)


def build_spec(declaration: Declaration, dataset: Dataset, options: Options, most_epochs: int) -> TrainingSpec:
    """Return the training that options ask for.

    What they leave open is as the model is declared; what that leaves open is the trainer's choice, of at most so many epochs.
    """
    default = LBFGS.name if declaration.signature.is_classification else DEFAULT_TRAINER
    declared = {"name": default, **declaration.trainer}
    given = options.trainer.model_dump(exclude_unset=True)
    options_of_trainer = {**declared, **given} if given.get("name", declared["name"]) == declared["name"] else given
    trainer = _make_trainer(**options_of_trainer)
    if "max_epochs" not in options_of_trainer and trainer.max_epochs > most_epochs:
        trainer = _make_trainer(**options_of_trainer, max_epochs=most_epochs)
    chosen = {**declaration.network, **options.network.model_dump(exclude_unset=True)}
    if "hidden_layers" in chosen:
        chosen["hidden_layers"] = tuple(chosen["hidden_layers"])
    network = replace(trainer.default_network, **chosen)
    return TrainingSpec(declaration.signature, dataset, network, trainer, options.seed)


def _make_trainer(name: str, **options: Any) -> Trainer:
    known = {field.name for field in fields(TRAINERS[name])}  # type: ignore[arg-type]  # every trainer is a dataclass
    if unknown := sorted(set(options) - known):
        raise OptionsError(f"trainer {name!r}, which predicts this target by default, has no option {unknown[0]!r}")
    return TRAINERS[name](**options)
