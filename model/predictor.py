"""A predictor is everything needed to answer a question: an ensemble of networks with its scalers and posterior."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from model import student
from model.activations import FloatArray
from model.derivatives import ensemble_jacobian
from model.encoding import Encoding
from model.expansion import Expansion
from model.lanes import filled_up, in_lanes
from model.network import Ensemble
from model.noise_network import NoiseNetwork
from model.signature import Signature
from model.targets import Targets
from model.uncertainty import CHUNK_BYTES, Posterior

BoolArray = NDArray[np.bool_]

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
    extrapolated: BoolArray
    """(rows, features): outside the range of the rows that were learned from."""


@dataclass(frozen=True, eq=False)
class Predictor:
    """Networks of one architecture, whose answers are averaged. Threads may share it."""

    signature: Signature
    ensemble: Ensemble
    encoding: Encoding
    targets: Targets
    posterior: Posterior
    noise_network: NoiseNetwork | None
    domain: FloatArray
    """(2, columns): the least and the greatest value of each expanded column that was learned from."""
    expansion: Expansion

    def predict(self, features: FloatArray, coverage: float | None = 0.95) -> Prediction:
        """Answer for features (rows, features), with intervals that hold the truth with probability `coverage`.

        Means and intervals keep the bounds that the signature declares.
        """
        columns = self.expansion.apply(features)
        extrapolated = self.expansion.outside(columns, self.domain)
        if (coverage is None and self.targets.straight) or not self.has_spread.any():
            parts = [self._average(self.ensemble.values(inputs)[-1]) for inputs, _ in self._blocks(columns)]
            return Prediction(self.targets.means(_rows(parts, len(features)), None), None, None, extrapolated)
        return self.answer(*self._located(columns), coverage, extrapolated)

    def log_density(self, features: FloatArray, targets: FloatArray) -> FloatArray:
        """Return the logarithm of the density (rows, targets) that is given to targets (rows, targets).

        It is NaN for a target whose spread could not be estimated.
        """
        location, variance = self._located(self.expansion.apply(features))
        scale = np.sqrt(variance * self.posterior.scale)
        scaled, slope = self.targets.scaled_with_log_slope(targets)
        squares = ((scaled - location) / scale) ** 2
        standard = [student.log_density(squares[:, k], dof) for k, dof in enumerate(self.posterior.dof.tolist())]
        return np.column_stack(standard) - np.log(scale) + slope

    def _located(self, columns: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Scaled locations and predictive variances (rows, targets)."""
        locations, variances = zip(*(self._spread(*block) for block in self._blocks(columns)), strict=True)
        return _rows(locations, len(columns)), _rows(variances, len(columns))

    def answer(
        self, location: FloatArray, variance: FloatArray, coverage: float | None, extrapolated: BoolArray
    ) -> Prediction:
        """Turn scaled locations and predictive variances (rows, targets) into answers in the targets' units."""
        scale = np.sqrt(variance * self.posterior.scale)
        means = self.targets.means(location, scale)
        if coverage is None:
            return Prediction(means, None, None, extrapolated)
        half = scale * np.array([student.quantile(coverage, dof) for dof in self.posterior.dof.tolist()])
        return Prediction(means, *self.targets.intervals(location, half), extrapolated)

    @cached_property
    def has_spread(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Whether each target's spread could be estimated."""
        return np.isfinite(self.posterior.scale)

    def _blocks(self, columns: FloatArray) -> Iterator[tuple[FloatArray, FloatArray | None]]:
        """Yield the inputs of the answers and of the noise, as (blocks, 1, inputs, LANES), some at a time."""
        filled = filled_up(columns, LANES)
        count = len(filled) // LANES
        size = max(
            1, CHUNK_BYTES // (8 * LANES * self.posterior.noise.size * self.ensemble.architecture.parameter_count)
        )
        for start in range(0, max(count, 1), size):
            rows = filled[LANES * start : LANES * (start + size)]
            noisy = None if self.noise_network is None else in_lanes(self.noise_network.encoding.apply(rows), LANES)
            yield in_lanes(self.encoding.apply(rows), LANES), noisy

    def _average(self, outputs: FloatArray) -> FloatArray:
        """Average outputs (blocks, members, targets, LANES) over the members."""
        return np.asarray(np.add.reduce(outputs, axis=1) / len(self.ensemble.parameters))

    def _spread(self, inputs: FloatArray, noisy: FloatArray | None) -> tuple[FloatArray, FloatArray]:
        """Mean and variance (blocks, targets, LANES) of the scaled predictions."""
        outputs, jacobian = ensemble_jacobian(self.ensemble, inputs)
        along = self.posterior.spread(jacobian)
        within = np.add.reduce(np.multiply(along, along, along), axis=-2) + self.posterior.noise[..., None]
        mean = self._average(outputs)
        variance = self._average(within) + self._average((outputs - mean[:, None]) ** 2)
        if self.noise_network is not None and noisy is not None:
            variance *= self.noise_network.multipliers(noisy, mean)
        return mean, variance


def _rows(parts: Sequence[FloatArray], rows: int) -> FloatArray:
    """Bring blocks (blocks, targets, LANES) back to (rows, targets)."""
    joined = np.concatenate(parts).swapaxes(-1, -2)
    return joined.reshape(-1, joined.shape[-1])[:rows]
