"""A training's spec: all that determines its checkpoint."""

from dataclasses import dataclass

from model.table import Dataset, Signature
from model.trainers import NetworkOptions, Trainer


@dataclass(frozen=True, eq=False)
class TrainingSpec:
    """All that determines a checkpoint: equal specs give equal checkpoints."""

    signature: Signature
    dataset: Dataset
    """In the table's own units: categories by number, missing features as NaN."""
    network: NetworkOptions
    trainer: Trainer
    seed: int = 0
