"""Row blocks: a table cut into pieces, so that a pass over it needs bounded memory however many rows there are."""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from model.arrays import FloatArray
from model.network import Architecture, ResidualPass
from model.posterior.curvature import Curvature, DualSystem, NormalEquations
from model.table import Dataset

BLOCK_BYTES = 1 << 20
"""The bytes of one row block's Jacobian: it stays in the cache between being filled and being summed."""

MIN_BLOCK_ROWS = 256
"""The least rows of a block: with fewer, the symmetric product is no longer at full speed."""


class RowBlocks:
    """A dataset in row blocks, for a network whose `parameters` may be changed in place.

    With `first`, the curvature is that of the parameters from there on alone.
    """

    def __init__(self, architecture: Architecture, dataset: Dataset, first: int = 0) -> None:
        self.parameters = np.zeros(architecture.parameter_count)
        self._first, self._rows = first, len(dataset)
        rows, outputs = len(dataset), architecture.layer_sizes[-1]
        # The dual system's cost grows faster with its size, so it is the more expensive one before the sizes are equal.
        self._fewer_residuals = rows * outputs < 0.7 * (len(self.parameters) - first)
        size = _count_rows(architecture, rows)
        by_column = replace(dataset, features=np.asfortranarray(dataset.features))  # as the passes read it
        self._blocks = [by_column.take(slice(start, start + size)) for start in range(0, rows, size)]
        self._passes = {
            size: ResidualPass(architecture, self.parameters, size) for size in dict.fromkeys(map(len, self._blocks))
        }
        self._read: dict[int, Dataset] = {}
        """The block that each pass has read last."""

    def residuals(self) -> FloatArray:
        """Outputs - targets (samples, outputs): a forward pass alone."""
        residuals = [one.outputs()[0].T - block.targets for block, one in self._each()]
        return residuals[0] if len(residuals) == 1 else np.concatenate(residuals)

    def squares(self, root_weights: FloatArray | None = None) -> FloatArray:
        """Summed squared residuals (targets,), each residual weighted by its root weight (samples, outputs), if any."""
        residuals = self.residuals()
        if root_weights is not None:
            residuals *= root_weights
        return np.asarray(np.einsum("ij,ij->j", residuals, residuals))

    def curvature(self, root_weights: FloatArray | None = None) -> Curvature:
        """Sum up Jacobian and residuals, each residual weighted by its root weight (samples, outputs), if there are any."""
        if self._fewer_residuals:
            return self._dual_system(root_weights)
        return NormalEquations(sum_products(self.jacobians(root_weights)), self._rows)

    def _dual_system(self, root_weights: FloatArray | None) -> DualSystem:
        stacked = [jacobian.swapaxes(0, 1).copy() for jacobian in self.jacobians(root_weights)]
        jacobian = stacked[0] if len(stacked) == 1 else np.concatenate(stacked, axis=-1)
        return DualSystem(jacobian.reshape(len(jacobian), -1), jacobian.shape[1])

    def jacobians(self, root_weights: FloatArray | None = None) -> Iterator[FloatArray]:
        """Yield each block's Jacobian, the residuals its last row: (outputs, parameters + 1, samples); the next overwrites it."""
        start = 0
        for block, one in self._each():
            jacobian = one.residual_jacobian(block.targets)[:, self._first :]
            if root_weights is not None:
                jacobian *= root_weights[start : start + len(block)].T[:, None]
                start += len(block)
            yield jacobian

    def _each(self) -> Iterator[tuple[Dataset, ResidualPass]]:
        for block in self._blocks:
            size = len(block)
            one = self._passes[size]
            if self._read.get(size) is not block:
                one.inputs[:], self._read[size] = block.features.T, block
            yield block, one


def block_bytes(architecture: Architecture, rows: int) -> int:
    """Return how much memory the Jacobian of one block of a table takes."""
    return _row_bytes(architecture) * _count_rows(architecture, rows)


def _count_rows(architecture: Architecture, rows: int) -> int:
    return min(rows, max(MIN_BLOCK_ROWS, BLOCK_BYTES // _row_bytes(architecture)))


def _row_bytes(architecture: Architecture) -> int:
    return 8 * architecture.layer_sizes[-1] * (architecture.parameter_count + 1)


def sum_products(jacobians: Iterable[FloatArray]) -> FloatArray:
    """Sum J J' over row blocks J (outputs, rows, samples), one or more of them: (outputs, rows, rows)."""
    following = iter(jacobians)
    jacobian = next(following)
    products, product = np.matmul(jacobian, jacobian.swapaxes(1, 2)), None  # of a matrix with itself: dsyrk
    for jacobian in following:
        product = np.matmul(jacobian, jacobian.swapaxes(1, 2), out=product)
        np.add(products, product, products)
    return np.asarray(products)
