"""A training spec is all that determines a checkpoint."""

from dataclasses import dataclass

from model.dataset import Dataset
from model.signature import Signature
from model.trainers import NetworkOptions, Trainer


@dataclass(frozen=True, eq=False)
class TrainingSpec:
    """All that determines a checkpoint: equal specs give equal checkpoints."""

    signature: Signature
    dataset: Dataset
    """In the table's own units."""
    network: NetworkOptions
    trainer: Trainer
    seed: int = 0
