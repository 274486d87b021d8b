"""Small trainings, and what comes of them, for tests that are not about training."""

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from app.registry import BUILT_IN, EXAM_SCORE
from app.registry.new_version import NewVersion
from app.registry.registry import Registry
from app.registry.state import Version
from model.checkpoint import Checkpoint
from model.fitting.spec import TrainingSpec
from model.predictors.regressor import Regressor
from model.table.dataset import Dataset
from model.trainers import GradientDescent
from model.training import train
from tests.support.tables import TABLE

SIGNATURE = BUILT_IN[EXAM_SCORE].signature

ROWS = np.array([list(row.values()) for row in TABLE])

DATASET = Dataset(ROWS[:, :-1], ROWS[:, -1:])

ENDLESS = 10_000_000
"""Epochs that take longer than any test."""


def spec(epochs: int = 10, seed: int = 0, **trainer: Any) -> TrainingSpec:
    """The tutorial's training, with so many epochs."""
    chosen = GradientDescent(max_epochs=epochs, **trainer)
    return TrainingSpec(SIGNATURE, DATASET, chosen.default_network, chosen, seed)


def diverging() -> TrainingSpec:
    """A training that comes to nothing."""
    steep = spec(learning_rate=1e6)
    return replace(steep, network=replace(steep.network, output_activation="identity"))


@cache
def checkpoint(seed: int = 0) -> Checkpoint[Regressor]:
    """A trained network; with another seed another one."""
    return train(spec(seed=seed))


def publish(
    registry: Registry, seed: int = 0, job_id: str | None = None, name: str = EXAM_SCORE, table: bytes | None = None
) -> Version:
    """Publish a checkpoint as a worker does."""
    trained = checkpoint(seed)
    made = {"created": "2026-01-01T00:00:00.000Z", "job_id": job_id, "duration_seconds": 0.1}
    return registry.publish(NewVersion(name, trained, table, {**made, "report": trained.report.to_json()}))
