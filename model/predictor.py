"""A predictor is everything needed to answer a question: an ensemble of networks with its scalers and posterior."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from model import student
from model.activations import FloatArray
from model.derivatives import ensemble_jacobian
from model.encoding import Encoding
from model.network import Ensemble
from model.scaler import Scaler
from model.signature import Signature
from model.uncertainty import CHUNK_BYTES, Posterior

LANES = 4
"""Rows are answered so many at a time, the last of them filled up: then a row's answer, to the last bit, does not
depend on the company it is in, and single rows are still served at the full speed of the processor."""


@dataclass(frozen=True, eq=False)
class Prediction:
    """Answers for some rows, in the targets' own units."""

    mean: FloatArray
    """(rows, targets)"""
    lower: FloatArray | None
    """(rows, targets): where the prediction interval begins; NaN for a target whose spread could not be estimated,
    None if that is so for all of them, or if no interval was asked for."""
    upper: FloatArray | None
    """(rows, targets): where it ends."""
    extrapolated: np.ndarray[tuple[int, int], np.dtype[np.bool_]]
    """(rows, features): outside the range of the rows that were learned from."""


@dataclass(frozen=True, eq=False)
class Predictor:
    """Networks of one architecture, whose answers are averaged. Threads may share it."""

    signature: Signature
    ensemble: Ensemble
    encoding: Encoding
    targets: Scaler
    posterior: Posterior
    domain: FloatArray
    """(2, features): the least and the greatest value of each feature that was learned from."""

    def predict(self, features: FloatArray, coverage: float | None = 0.95) -> Prediction:
        """Answer for features (rows, features), with intervals that hold the truth with probability `coverage`.

        Means and intervals keep the bounds that the signature declares.
        """
        extrapolated = (features < self.domain[0]) | (features > self.domain[1])
        if coverage is None or not self.has_spread.any():
            parts = [self._average(self.ensemble.values(block)[-1]) for block in self._blocks(features)]
            return Prediction(self._in_units(parts, len(features)), None, None, extrapolated)
        means, variances = zip(*(self._spread(block) for block in self._blocks(features)), strict=True)
        mean = self._in_units(means, len(features))
        half = np.sqrt(_rows(variances, len(features))) * self._half_width(coverage)
        return Prediction(mean, self.within_bounds(mean - half), self.within_bounds(mean + half), extrapolated)

    @cached_property
    def has_spread(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Whether each target's spread could be estimated."""
        return np.isfinite(self.posterior.scale)

    def within_bounds(self, targets: FloatArray) -> FloatArray:
        """Clip targets (rows, targets) to the bounds that the signature declares."""
        minimum, maximum = self._bounds
        return np.minimum(np.maximum(targets, minimum), maximum)

    def _half_width(self, coverage: float) -> FloatArray:
        """(targets,): half of an interval, in units of the standard deviation of a scaled prediction."""
        quantiles = np.array([student.quantile(coverage, dof) for dof in self.posterior.dof.tolist()])
        return quantiles * np.sqrt(self.posterior.scale) * self.targets.scale

    def _blocks(self, features: FloatArray) -> Iterator[FloatArray]:
        """Yield the encoded rows as (blocks, 1, inputs, LANES), some at a time, so that memory is bounded."""
        inputs = self.encoding.apply(features)
        count = -(-len(inputs) // LANES)
        filled = np.zeros((count * LANES, inputs.shape[1]))
        filled[: len(inputs)] = inputs
        blocks = filled.reshape(count, 1, LANES, inputs.shape[1]).swapaxes(-1, -2).copy()
        size = max(
            1, CHUNK_BYTES // (8 * LANES * self.posterior.noise.size * self.ensemble.architecture.parameter_count)
        )
        for start in range(0, max(count, 1), size):
            yield blocks[start : start + size]

    def _average(self, outputs: FloatArray) -> FloatArray:
        """Average outputs (blocks, members, targets, LANES) over the members."""
        return np.asarray(np.add.reduce(outputs, axis=1) / len(self.ensemble.parameters))

    def _spread(self, block: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Mean and variance (blocks, targets, LANES) of the scaled predictions."""
        outputs, jacobian = ensemble_jacobian(self.ensemble, block)
        along = self.posterior.spread(jacobian)
        within = np.add.reduce(np.multiply(along, along, along), axis=-2) + self.posterior.noise[..., None]
        mean = self._average(outputs)
        return mean, self._average(within) + self._average((outputs - mean[:, None]) ** 2)

    def _in_units(self, parts: "tuple[FloatArray, ...] | list[FloatArray]", rows: int) -> FloatArray:
        return self.within_bounds(self.targets.invert(_rows(parts, rows)))

    @cached_property
    def _bounds(self) -> tuple[FloatArray, FloatArray]:
        columns = self.signature.targets
        minimum = np.array([-np.inf if column.minimum is None else column.minimum for column in columns])
        maximum = np.array([np.inf if column.maximum is None else column.maximum for column in columns])
        return minimum, maximum


def _rows(parts: "tuple[FloatArray, ...] | list[FloatArray]", rows: int) -> FloatArray:
    """Bring blocks (blocks, targets, LANES) back to (rows, targets)."""
    joined = np.concatenate(parts).swapaxes(-1, -2)
    return joined.reshape(-1, joined.shape[-1])[:rows]
