"""Tables for tests: known functions with known noise."""

import numpy as np

from model.arrays import FloatArray
from model.fitting.spec import TrainingSpec
from model.table.dataset import Dataset
from model.table.signature import Column, Signature
from model.trainers import LevenbergMarquardt, Trainer

TUTORIAL = Dataset(np.array([[2.0, 9.0], [1.0, 5.0], [3.0, 6.0]]), np.array([[92.0], [86.0], [89.0]]))

EXAM_SCORE = Signature(
    (Column("hours_studied", "h", 0, 24), Column("hours_slept", "h", 0, 24)), (Column("score", None, 0, 100),)
)


def wave(rows: int, noise: float, seed: int = 0, features: int = 3) -> Dataset:
    """A smooth function of the first two features, of standard deviation about 1; the others explain nothing."""
    rng = np.random.default_rng(seed)
    values = rng.uniform(-2, 2, (rows, features))
    targets = np.sin(2 * values[:, :1]) + 0.5 * values[:, 1:2] ** 2
    return Dataset(values, targets + noise * rng.standard_normal(targets.shape))


def wave_truth(features: FloatArray) -> FloatArray:
    return np.sin(2 * features[:, :1]) + 0.5 * features[:, 1:2] ** 2


def signature(table: Dataset) -> Signature:
    features = tuple(Column(f"x{number}") for number in range(table.features.shape[1]))
    return Signature(features, tuple(Column(f"y{number}") for number in range(table.targets.shape[1])))


def spec(table: Dataset, trainer: Trainer | None = None, seed: int = 0) -> TrainingSpec:
    trainer = trainer or LevenbergMarquardt(members=2)
    return TrainingSpec(signature(table), table, trainer.default_network, trainer, seed)
