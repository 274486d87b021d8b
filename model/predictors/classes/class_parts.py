"""Parts of a mixture of classes: one trained candidate each, frozen, that answers rows with logits.

Several networks of one part answer each by itself: it is their probabilities that are averaged, not their logits.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from model.arrays import FloatArray
from model.candidates import ClassTrees, nbytes
from model.network import Ensemble, EnsemblePass
from model.predictors.parts import PartCost
from model.table import NetworkInputs


class ClassPass(Protocol):
    """Answers for up to a fixed number of rows. It belongs to one caller at a time."""

    def logits(self, columns: FloatArray) -> FloatArray:
        """Return logits (members, rows or more, classes) for columns (rows, columns)."""


class ClassPart(PartCost, Protocol):
    """A trained candidate."""

    def make_pass(self, samples: int) -> ClassPass:
        """Return a pass over up to so many rows."""


@dataclass(frozen=True, eq=False)
class ClassShares:
    """How frequent each class is: the same for every row. It is its own pass."""

    log_shares: FloatArray
    """(classes,)"""

    bytes_a_row, shared_bytes, operations_a_row = 0, 0, 0

    def make_pass(self, _: int) -> "ClassShares":
        """See `ClassPart`."""
        return self

    def logits(self, columns: FloatArray) -> FloatArray:
        """See `ClassPass`."""
        return np.repeat(self.log_shares[None, None], len(columns), axis=1)


@dataclass(frozen=True, eq=False)
class ClassTreesPart:
    """Boosted trees. It is its own pass."""

    trees: ClassTrees

    bytes_a_row = 0

    @property
    def shared_bytes(self) -> int:
        """See `ClassPart`."""
        return nbytes(self.trees)

    @property
    def operations_a_row(self) -> int:
        """See `ClassPart`. At the most, a multiplication and an addition for each number that is kept."""
        return self.shared_bytes // 4

    def make_pass(self, _: int) -> "ClassTreesPart":
        """See `ClassPart`."""
        return self

    def logits(self, columns: FloatArray) -> FloatArray:
        """See `ClassPass`."""
        return self.trees.logits(columns)[None]


@dataclass(frozen=True, eq=False)
class ClassNetworks:
    """Networks of one architecture; without hidden layers it is softmax regression."""

    network_inputs: NetworkInputs
    ensemble: Ensemble

    @property
    def bytes_a_row(self) -> int:
        """See `ClassPart`."""
        return 8 * sum(self.ensemble.architecture.layer_sizes)

    @property
    def shared_bytes(self) -> int:
        """See `ClassPart`."""
        return self.ensemble.parameters.nbytes

    @property
    def operations_a_row(self) -> int:
        """See `ClassPart`."""
        return 2 * int(self.ensemble.parameters.size)

    def make_pass(self, samples: int) -> "_NetworksPass":
        """See `ClassPart`."""
        return _NetworksPass(self, samples)


class _NetworksPass:
    """Buffers for the networks."""

    def __init__(self, part: ClassNetworks, samples: int) -> None:
        self._inputs = part.network_inputs
        self._pass = EnsemblePass(part.ensemble, samples)

    def logits(self, columns: FloatArray) -> FloatArray:
        """See `ClassPass`. All rows of the buffer: sums over classes round by how values lie in memory, so always alike."""
        self._pass.inputs[:, : len(columns)] = self._inputs.apply(columns).T
        return self._pass.outputs().swapaxes(-1, -2)
