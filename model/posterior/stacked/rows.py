"""The rows that each of many networks side by side looks at: all of one table, or some of it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from model.arrays import FloatArray, IntArray
from model.table import Dataset


@dataclass(frozen=True, eq=False)
class StackedRows:
    """Features and targets of each network's rows, filled up to one length.

    A row that fills up has weight 0: its residual and its row of the Jacobian are 0, and it is not counted.
    """

    features: FloatArray
    """(networks, samples, inputs), or (1, samples, inputs) where all look at the same rows."""
    targets: FloatArray
    """(networks or 1, targets, samples)."""
    present: FloatArray | None
    """(networks, 1, samples): 1 for a row, 0 for what fills up; None: nothing does."""
    counts: IntArray
    """(networks,): how many rows each has."""

    @staticmethod
    def of(dataset: Dataset, rows_of_each: Sequence[IntArray] | None, networks: int) -> "StackedRows":
        """Take rows of a dataset for each network; None: all of them for all networks."""
        if rows_of_each is None:
            counts = np.full(networks, len(dataset))
            return StackedRows(dataset.features[None], _by_target(dataset.targets[None]), None, counts)
        counts = np.array([len(rows) for rows in rows_of_each])
        samples = int(counts.max())
        taken = np.stack([np.append(rows, np.repeat(rows[:1], samples - len(rows))) for rows in rows_of_each])
        present = (np.arange(samples) < counts[:, None]).astype(np.float64)[:, None]
        is_full = bool(present.all())
        targets = _by_target(dataset.targets[taken])
        return StackedRows(dataset.features[taken], targets, None if is_full else present, counts)

    @property
    def residuals(self) -> int:
        """How many each network has at the most: rows times targets."""
        return int(np.prod(self.targets.shape[1:]))

    @property
    def targets_of_each(self) -> list[FloatArray]:
        """Each network's targets (rows, targets)."""
        targets = np.broadcast_to(self.targets, (len(self.counts), *self.targets.shape[1:]))
        return [each[:, :count].T for each, count in zip(targets, self.counts, strict=True)]

    def weights(self, root_weights: FloatArray | None, which: IntArray | slice = slice(None)) -> FloatArray | None:
        """Return what residuals and slopes of these networks are multiplied by: `root_weights`, or 0 for what fills up."""
        if self.present is None:
            return None if root_weights is None else root_weights[which]
        present = self.present[which]
        return (
            np.repeat(present, self.targets.shape[1], axis=1) if root_weights is None else root_weights[which] * present
        )

    def take(self, which: IntArray) -> "StackedRows":
        """Return the rows of these networks alone."""
        is_shared = len(self.features) == 1
        features, targets = (each if is_shared else each[which] for each in (self.features, self.targets))
        return StackedRows(features, targets, None if self.present is None else self.present[which], self.counts[which])


def _by_target(values: FloatArray) -> FloatArray:
    return np.ascontiguousarray(values.swapaxes(1, 2))
