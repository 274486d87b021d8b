"""The part of a candidate that knows one target at a time and has no variance of its own: trees, a kernel machine, a line.

What it says of a row is a number; how far off that may be is the mean square of its out-of-fold residuals, the same for
all rows.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from model.arrays import FloatArray
from model.candidates import nbytes
from model.network import TILE_ROWS
from model.table import NetworkInputs


class FittedCandidate(Protocol):
    """What `model.candidates` fits: a frozen value of arrays."""

    def predict(self, features: FloatArray) -> FloatArray:
        """Return (rows,) for features (rows, columns); of each row the same bits, whatever other rows there are."""


@dataclass(frozen=True, eq=False)
class CandidatePart:
    """For each target a fitted candidate, or none where it has no weight. It is its own pass."""

    inputs: NetworkInputs | None
    """Which columns the candidate reads, and how they are scaled; None: all of them, as they are."""
    fitted: tuple[FittedCandidate | None, ...]
    """One a target."""
    variance: FloatArray
    """(targets,)"""

    tile_rows, bytes_a_row = TILE_ROWS, 0

    @property
    def shared_bytes(self) -> int:
        """See `Part`."""
        return sum(nbytes(each) for each in self.fitted if each is not None)

    @property
    def operations_a_row(self) -> int:
        """See `Part`. At the most, a multiplication and an addition for each number that is kept."""
        return self.shared_bytes // 4

    def make_pass(self, _: int) -> "CandidatePart":
        """See `Part`."""
        return self

    def locations(self, columns: FloatArray) -> FloatArray:
        """See `PartPass`."""
        inputs = columns if self.inputs is None else self.inputs.apply(columns)
        locations = np.zeros((len(self.fitted), len(columns)))
        for target, each in enumerate(self.fitted):
            if each is not None:
                locations[target] = each.predict(inputs)
        return locations

    def locations_and_variances(self, columns: FloatArray) -> tuple[FloatArray, FloatArray]:
        """See `PartPass`."""
        locations = self.locations(columns)
        return locations, np.broadcast_to(self.variance[:, None], locations.shape)
