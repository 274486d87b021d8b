"""The spread model: by what the variance of a prediction is multiplied, row by row, as out-of-fold residuals tell.

For each target a small weighted stack of candidates predicts the logarithm of that factor from the columns, the
mixture's location, the logarithm of its variance and that of its parts' disagreement.
"""

from dataclasses import dataclass

import numpy as np

from model.arrays import FloatArray
from model.candidates import nbytes
from model.predictors.candidate_part import FittedCandidate
from model.table import NetworkInputs

EXTRA_COLUMNS = 3
"""Behind the columns: location, log variance, log disagreement."""


@dataclass(frozen=True, eq=False)
class TargetSpread:
    """Of one target: log factor = base + sum of weights x candidates, between two limits."""

    inputs: NetworkInputs
    """Which of the columns and of the three behind them are read, and how they are scaled."""
    candidates: tuple[FittedCandidate, ...]
    weights: FloatArray
    """(candidates,)"""
    base: FloatArray
    """(1,): where the candidates are 0; the share of the mean in the stack is part of it."""
    floor: FloatArray
    """(1,): the variance that is added to the disagreement before its logarithm is taken."""
    limits: FloatArray
    """(2,): between which the log factor is held: no further than rows have shown."""

    def log_factors(self, table: FloatArray) -> FloatArray:
        """Return (rows,) for a table (rows, columns and three more)."""
        inputs = self.inputs.apply(table)
        logs = np.full(len(table), self.base[0])
        for weight, candidate in zip(self.weights.tolist(), self.candidates, strict=True):
            logs += weight * candidate.predict(inputs)
        return np.asarray(np.minimum(np.maximum(logs, self.limits[0]), self.limits[1]))


@dataclass(frozen=True, eq=False)
class SpreadModel:
    """Of all targets; None for one whose spread is the same everywhere."""

    targets: tuple[TargetSpread | None, ...]

    @property
    def shared_bytes(self) -> int:
        """Of the arrays of its candidates."""
        return sum(nbytes(each) for spread in self.targets if spread is not None for each in spread.candidates)

    def factors(
        self, columns: FloatArray, location: FloatArray, variance: FloatArray, disagreement: FloatArray
    ) -> FloatArray:
        """Return the factors (targets, rows), for columns (rows, columns) and the others (targets, rows)."""
        factors, width = np.ones_like(variance), columns.shape[1]
        table = np.empty((len(columns), width + EXTRA_COLUMNS))
        table[:, :width] = columns
        for target, spread in enumerate(self.targets):
            if spread is not None:
                table[:, width] = location[target]
                np.log(variance[target], table[:, width + 1])
                np.log(disagreement[target] + spread.floor, table[:, width + 2])
                np.exp(spread.log_factors(table), factors[target])
        return factors
