"""A training's options: from what a request says to a network, a trainer and a seed."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import BaseModel

from app.bodies import check
from app.declarations import Declaration
from app.schemas import NetworkRequest, Options
from model.dataset import Dataset
from model.trainers import DEFAULT_TRAINER, TRAINERS
from model.training import TrainingSpec


def training_spec(declaration: Declaration, dataset: Dataset, options: Options) -> TrainingSpec:
    """Return the training that options ask for.

    What they leave open is as the model is declared; what that leaves open is the trainer's choice.
    """
    given = _merged(declaration.trainer, options.trainer)
    trainer = TRAINERS[given.pop("name", DEFAULT_TRAINER)](**given)
    chosen = {**declaration.network, **options.network.model_dump(exclude_unset=True)}
    if "hidden_layers" in chosen:
        chosen["hidden_layers"] = tuple(chosen["hidden_layers"])
    network = replace(trainer.default_network, **chosen)
    return TrainingSpec(declaration.signature, dataset, network, trainer, options.seed)


def _merged(declared: Mapping[str, Any], request: BaseModel) -> dict[str, Any]:
    """Put what a request says over what is declared, unless it chooses another trainer."""
    given = request.model_dump(exclude_unset=True)
    if given.get("name", declared.get("name", DEFAULT_TRAINER)) != declared.get("name", DEFAULT_TRAINER):
        return given
    return {**declared, **given}


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
    except ValueError:
        return text
