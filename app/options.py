"""A training's options: from what a request says to a network, a trainer and a seed."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from app.bodies import check
from app.schemas import NetworkRequest, Options
from model.dataset import Dataset
from model.signature import Signature
from model.trainers import TRAINERS
from model.training import TrainingSpec


def training_spec(signature: Signature, dataset: Dataset, options: Options) -> TrainingSpec:
    """Return the training that options ask for; what they leave open is the trainer's choice."""
    given = options.trainer.model_dump()
    trainer = TRAINERS[given.pop("name")](**given)
    chosen = options.network.model_dump(exclude_unset=True)
    if "hidden_layers" in chosen:
        chosen["hidden_layers"] = tuple(chosen["hidden_layers"])
    return TrainingSpec(signature, dataset, replace(trainer.default_network, **chosen), trainer, options.seed)


def options_of_query(query: Mapping[str, str]) -> Options:
    """Return the options that a CSV's query parameters name: the members of `network` and `trainer`, without nesting.

    Raises `InvalidBody`.
    """
    nested: dict[str, Any] = {"network": {}, "trainer": {}}
    for name, text in query.items():
        if name == "trainer":
            nested["trainer"]["name"] = text
        elif name == "seed":
            nested["seed"] = word(text)
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
