"""A training's options: from what a request says to a network, a trainer and a seed."""

import json
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from app.bodies import check
from app.declarations import Declaration
from app.schemas import NetworkRequest, Options
from model.dataset import Dataset
from model.errors import OptionsError
from model.network import Architecture
from model.trainers import DEFAULT_TRAINER, LBFGS, TRAINERS, Trainer
from model.training import TrainingSpec

MOST_PARAMETERS = 2_000_000
"""Of an ensemble's networks together; whoever serves them keeps them in memory."""

MOST_VALUES = 100_000_000
"""Rows times inputs and units: so many numbers may pass through a network in one go."""


def training_spec(declaration: Declaration, dataset: Dataset, options: Options) -> TrainingSpec:
    """Return the training that options ask for.

    What they leave open is as the model is declared; what that leaves open is the trainer's choice.
    """
    default = LBFGS.name if declaration.signature.is_classification else DEFAULT_TRAINER
    declared = {"name": default, **declaration.trainer}
    given = options.trainer.model_dump(exclude_unset=True)
    options_of_trainer = {**declared, **given} if given.get("name", declared["name"]) == declared["name"] else given
    trainer = _trainer(**options_of_trainer)
    chosen = {**declaration.network, **options.network.model_dump(exclude_unset=True)}
    if "hidden_layers" in chosen:
        chosen["hidden_layers"] = tuple(chosen["hidden_layers"])
    network = replace(trainer.default_network, **chosen)
    spec = TrainingSpec(declaration.signature, dataset, network, trainer, options.seed)
    _demand_proportion(spec)
    return spec


def _demand_proportion(spec: TrainingSpec) -> None:
    """Raise `OptionsError` for a training that would take the memory of everybody else."""
    columns = (spec.signature.features, spec.signature.targets)
    inputs, outputs = (sum(len(column.categories) or 1 for column in side) for side in columns)
    sizes = (inputs, *spec.network.hidden_layers, outputs)
    parameters = Architecture(sizes).parameter_count * spec.trainer.members
    if parameters > MOST_PARAMETERS:
        raise OptionsError(
            f"the networks would have {parameters:,} parameters together, of at most {MOST_PARAMETERS:,}: "
            "choose fewer or smaller hidden_layers, or fewer members"
        )
    if len(spec.dataset) * sum(sizes) > MOST_VALUES:
        raise OptionsError(
            f"{len(spec.dataset):,} rows times {sum(sizes):,} inputs and units are more than {MOST_VALUES:,}: "
            "choose fewer or smaller hidden_layers, or fewer rows"
        )


def _trainer(name: str, **options: Any) -> Trainer:
    known = {field.name for field in fields(TRAINERS[name])}  # type: ignore[arg-type]  # every trainer is a dataclass
    if unknown := sorted(set(options) - known):
        raise OptionsError(f"trainer {name!r}, which predicts this target by default, has no option {unknown[0]!r}")
    return TRAINERS[name](**options)


def options_of_query(query: Mapping[str, str]) -> Options:
    """Return the options that a CSV's query parameters name: the members of `network` and `trainer`, without nesting.

    Raises `InvalidBody`.
    """
    nested: dict[str, Any] = {"network": {}, "trainer": {}}
    for name, text in query.items():
        if name == "trainer":
            nested["trainer"]["name"] = text
        elif name in Options.model_fields:
            nested[name] = word(text)
        else:
            part = "network" if name in NetworkRequest.model_fields else "trainer"
            nested[part][name] = word(f"[{text}]" if name == "hidden_layers" else text)
    return check(Options, nested)


def word(text: str) -> Any:
    """Return what JSON would read in a query parameter's text; words need no quotes."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text
