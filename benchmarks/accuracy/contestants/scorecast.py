"""Scorecast in this process: a CSV is read and declared as over HTTP, then trained and asked without a server."""

import time
from typing import Any

from app.errors import InvalidBody
from app.limits import TrainingLimits
from app.predict import read_predict_request
from app.registry import BUILT_IN, Registry
from app.tables import CSV, Body
from app.train import read_training
from benchmarks.accuracy.contestants.request import NAME, Answer, RefusedError, answer_all, choices, features_of
from benchmarks.accuracy.forecast import COVERAGES, Classes, Forecast
from benchmarks.accuracy.judge import Contestant
from benchmarks.accuracy.tables.table import Split, write_csv
from model.checkpoint import Checkpoint
from model.training import train
from tests.support.memory_store import MemoryStore


def trained(split: Split) -> Checkpoint[Any]:
    """Train by the defaults, from a CSV."""
    body = Body(write_csv(split.known), CSV)
    registry = Registry(MemoryStore(), BUILT_IN)
    return train(read_training(body, registry, NAME, choices(split), TrainingLimits()).spec)


def forecast(split: Split, seed: int) -> tuple[Answer, float | None]:
    """Train, and answer the fresh rows; training is seeded by 0, as it is where nobody says otherwise."""
    del seed
    began = time.process_time()
    checkpoint = trained(split)
    seconds = time.process_time() - began
    return answer_all(split, lambda part: _answered(part, checkpoint)), seconds


def _answered(split: Split, checkpoint: Checkpoint[Any]) -> Answer:
    predictor = checkpoint.predictor
    try:
        features = read_predict_request(Body(write_csv(features_of(split)), CSV), predictor.signature, {}).features
    except InvalidBody as error:
        raise RefusedError(str(error)) from error
    if split.is_classification:
        return Classes(predictor.signature.targets[0].categories, predictor.predict(features).probabilities)
    intervals = []
    for coverage in COVERAGES:
        predicted = predictor.predict(features, coverage)
        intervals.append((predicted.lower[:, 0], predicted.upper[:, 0]))
    location = predictor.predict(features, None).mean[:, 0]
    reported = checkpoint.report.leave_one_out[split.target].get("rmse")
    return Forecast.of_intervals(location, intervals, reported)


def contestant(_: str) -> Contestant:
    """Return what answers a split."""
    return forecast
