"""Scorecast in this process: a CSV is read and declared as over HTTP, then trained and asked without a server."""

import time
from dataclasses import replace
from typing import Any

import numpy as np

from app.predict.request import read_question
from app.registry import BUILT_IN, Registry
from app.tables import Body, InvalidBody
from app.train import read_training
from benchmarks.accuracy.contestants.refusals import answerable, completed
from benchmarks.accuracy.forecast import COVERAGES, Classes, Forecast
from benchmarks.accuracy.judge import Contestant
from benchmarks.accuracy.tables.table import Columns, Split, write_csv
from model.checkpoint import Checkpoint
from model.training import train
from tests.support.memory_store import MemoryStore

NAME = "exam"


def choices(split: Split) -> dict[str, str]:
    """Return the query that declares a split's table as its owner would."""
    words = ",".join(f'"{name}"' if "," in name else name for name in sorted(split.words))
    named = {"targets": split.target, **({"categories": words} if words else {})}
    return {**named, **({"missing": "mean"} if split.has_gaps else {})}


def features_of(split: Split, columns: Columns) -> Columns:
    """Return the columns without the target."""
    return {name: columns[name] for name in split.features}


def trained(split: Split) -> Checkpoint[Any]:
    """Train by the defaults, from a CSV."""
    body = Body(write_csv(split.known), is_csv=True)
    return train(read_training(body, Registry(MemoryStore(), BUILT_IN), NAME, choices(split)).spec)


def forecast(split: Split, seed: int) -> tuple[Forecast | Classes, float | None]:
    """Train, and answer the fresh rows; training is seeded by 0, as it is where nobody says otherwise."""
    del seed
    began = time.process_time()
    checkpoint = trained(split)
    seconds = time.process_time() - began
    try:
        return _answered(split, checkpoint), seconds
    except InvalidBody:
        kept = answerable(split)
        part = replace(split, fresh={name: np.array(cells)[kept].tolist() for name, cells in split.fresh.items()})
        return completed(split, kept, _answered(part, checkpoint)), seconds


def _answered(split: Split, checkpoint: Checkpoint[Any]) -> Forecast | Classes:
    predictor = checkpoint.predictor
    body = Body(write_csv(features_of(split, split.fresh)), is_csv=True)
    features = read_question(body, predictor.signature, {}).features
    if split.is_classification:
        return Classes(predictor.signature.targets[0].categories, predictor.predict(features).probabilities)
    intervals = []
    for coverage in COVERAGES:
        said = predictor.predict(features, coverage)
        intervals.append((said.lower[:, 0], said.upper[:, 0]))
    location = predictor.predict(features, None).mean[:, 0]
    reported = checkpoint.report.leave_one_out[split.target].get("rmse")
    return Forecast.of_intervals(location, intervals, reported)


def contestant(_: str) -> Contestant:
    """Return what answers a split."""
    return forecast
