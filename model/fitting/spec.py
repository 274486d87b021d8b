"""A training's spec: all that determines its checkpoint."""

from dataclasses import dataclass

from model.table import CIRCLES, Dataset, Signature
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

    def layer_sizes(self, most_levels: int | None = None) -> tuple[int, ...]:
        """Return the sizes of its network's layers, with a column for each category, but for at most so many of one feature."""
        inputs, outputs = (
            sum(len(column.categories[:most_levels]) or (1 + len(CIRCLES) if column.is_date else 1) for column in side)
            for side in (self.signature.features, self.signature.targets)
        )
        return (inputs, *self.network.hidden_layers, outputs)
