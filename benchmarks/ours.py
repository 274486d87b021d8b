"""What trains by the defaults on a table of numbers."""

from model.fitting.spec import TrainingSpec
from model.table.dataset import Dataset
from model.table.signature import Column, Signature
from model.trainers import LevenbergMarquardt


def spec(table: Dataset, trainer: LevenbergMarquardt | None = None) -> TrainingSpec:
    """Return what trains on a table as a request with nothing but rows would."""
    trainer = trainer or LevenbergMarquardt()
    features = tuple(Column(f"x{place}") for place in range(table.features.shape[1]))
    targets = tuple(Column(f"y{place}") for place in range(table.targets.shape[1]))
    return TrainingSpec(Signature(features, targets), table, trainer.default_network, trainer)
