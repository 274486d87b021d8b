"""The networks part: an ensemble of one architecture on a choice of inputs, with what is uncertain about it."""

from dataclasses import dataclass, replace

import numpy as np

from model.arrays import FloatArray
from model.network import Ensemble
from model.posterior import Posterior
from model.predictors.predictive_variance import PredictiveVariance
from model.table import NetworkInputs

ROUNDING = 1e-5
"""Of a variance: what single precision may cost; of an interval, half of it."""

OPERATIONS_A_DERIVATIVE = 40
"""To write a number of a Jacobian, and read it again, takes as long as so many operations of a matrix product."""


@dataclass(frozen=True, eq=False)
class NetworkPart:
    """Networks whose answers are averaged; their disagreement counts as variance."""

    network_inputs: NetworkInputs
    rotation: FloatArray | None
    """(inputs, components): what the inputs are multiplied by before the networks read them, such as principal axes."""
    ensemble: Ensemble
    posterior: Posterior

    @property
    def tile_rows(self) -> int:
        """See `Part`."""
        return self.posterior.tile_rows

    @property
    def bytes_a_row(self) -> int:
        """See `Part`. The Jacobian is the largest buffer."""
        return self.posterior.bytes_a_row

    @property
    def shared_bytes(self) -> int:
        """See `Part`."""
        return self.ensemble.parameters.nbytes

    @property
    def operations_a_row(self) -> int:
        """See `Part`. For each target there is one pass backward, a Jacobian, and its product with the posterior's factor."""
        factor, (_, targets) = self.posterior.factor, self.posterior.noise.shape
        passes = self.ensemble.parameters.size * (1 + targets)
        jacobian: int = self.posterior.noise.size * factor.shape[-1]
        return 2 * int(passes + factor.size * targets) + OPERATIONS_A_DERIVATIVE * jacobian

    def make_pass(self, samples: int) -> PredictiveVariance:
        """See `Part`."""
        return PredictiveVariance(self.network_inputs, self.rotation, self.ensemble, self.posterior, samples)

    def to_single_precision(self, columns: FloatArray) -> "NetworkPart":
        """Return it with a posterior of half the size, unless variances for some columns then change by more than rounding.

        A posterior that is a difference stays as it is: it is small, and its digits are needed. So does that of
        networks whose answers have no bounds: far out they would need a wider range than single precision has.
        """
        architecture = self.ensemble.architecture
        has_bounds = architecture.activation in {"sigmoid", "tanh"} and len(architecture.blocks) > 1
        if self.posterior.prior is not None or not has_bounds:
            return self
        posterior = replace(self.posterior, factor=self.posterior.factor.astype(np.float32))
        single = replace(self, posterior=posterior)
        known, rounded = (each._variances(columns) for each in (self, single))
        return single if bool((np.abs(rounded - known) <= ROUNDING * known).all()) else self

    def _variances(self, columns: FloatArray) -> FloatArray:
        """Variances (targets, rows)."""
        samples = -(-len(columns) // self.tile_rows) * self.tile_rows
        return self.make_pass(samples).locations_and_variances(columns)[1]
