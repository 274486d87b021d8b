"""Where the curvature of many networks side by side comes from: their passes, each over its own rows."""

from collections.abc import Iterator

import numpy as np

from model.arrays import FloatArray, IntArray
from model.network import Architecture, StackedDerivatives
from model.posterior.stacked.curvature import StackedCurvature, StackedDualSystem, StackedNormalEquations
from model.posterior.stacked.rows import StackedRows

JACOBIAN_BYTES = 1 << 20
"""Of Jacobians at a time, where only their products are kept: they stay in the cache until they are summed."""

DUAL_RATIO = 0.7
"""Residuals for each parameter, below which the dual system is the cheaper one."""

STACK_BYTES = 1 << 19
"""Of Jacobians in one stack: with more, they would be fetched from far memory in every step."""

MAX_BYTES_EACH = 1 << 16
"""Of a network's Jacobian. With more, the work takes so much longer than the calls that it is trained by itself."""


def networks_at_once(architecture: Architecture, residuals: int) -> int:
    """Return how many networks make a stack, for so many rows times targets: it depends on nothing else."""
    size = 8 * (architecture.parameter_count + 1) * residuals
    return 1 if size > MAX_BYTES_EACH else STACK_BYTES // size


class StackedPass:
    """Residuals and curvature of many networks, each on its own rows."""

    def __init__(self, architecture: Architecture, rows: StackedRows) -> None:
        self.rows = rows
        self._architecture = architecture
        self._is_dual = rows.residuals < DUAL_RATIO * architecture.parameter_count
        self._derivatives = StackedDerivatives(architecture, rows.features, len(rows.counts))

    def residuals(self, parameters: FloatArray) -> FloatArray:
        """Outputs - targets (networks, targets, samples), 0 where a row only fills up, for parameters (networks, parameters)."""
        residuals = self._derivatives.outputs(parameters).swapaxes(1, 2) - self.rows.targets
        if self.rows.present is not None:
            residuals *= self.rows.present
        return residuals

    def curvature(
        self, which: IntArray | slice, residuals: FloatArray, root_weights: FloatArray | None
    ) -> StackedCurvature:
        """Return the curvature of these networks where they were last looked at.

        `residuals` and `root_weights` (those, targets, samples) are theirs, and neither has been multiplied by the other.
        """
        if root_weights is not None:
            residuals = residuals * root_weights
        if self._is_dual:
            return StackedDualSystem.of(self.jacobian(which, root_weights, residuals))
        size = self._architecture.parameter_count + 1
        products = np.empty((*residuals.shape[:2], size, size))
        numbers = np.arange(len(self.rows.counts))[which]
        for piece in self._pieces(len(residuals)):
            weights = None if root_weights is None else root_weights[piece]
            jacobian = self.jacobian(numbers[piece], weights, residuals[piece])
            np.matmul(jacobian.swapaxes(2, 3), jacobian, out=products[piece])  # of a matrix with itself: dsyrk
        return StackedNormalEquations(products)

    def jacobian(
        self, which: IntArray | slice, root_weights: FloatArray | None, residuals: FloatArray | None = None
    ) -> FloatArray:
        """Return these networks' Jacobians and residuals, their last columns: (those, targets, samples, parameters + 1).

        Both were left where the networks were last looked at; `root_weights` multiply the slopes alone.
        """
        networks = len(self.rows.counts[which])
        _, targets, samples = self.rows.targets.shape
        jacobian = np.empty((networks, targets, samples, self._architecture.parameter_count + 1))
        self._derivatives.jacobian(which, root_weights, jacobian[..., :-1])
        if residuals is not None:
            jacobian[..., -1] = residuals
        return jacobian

    def take(self, which: IntArray) -> "StackedPass":
        """Return the passes of these networks alone."""
        return StackedPass(self._architecture, self.rows.take(which))

    def _pieces(self, networks: int) -> Iterator[slice]:
        bytes_of_each = 8 * (self._architecture.parameter_count + 1) * self.rows.residuals
        size = max(1, JACOBIAN_BYTES // bytes_of_each)
        return (slice(start, start + size) for start in range(0, networks, size))
