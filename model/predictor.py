"""A predictor is everything needed to answer a question: an ensemble of networks with its scalers and posterior."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from model import student
from model.activations import FloatArray
from model.derivatives import ensemble_jacobian
from model.domain import Domain
from model.encoding import Encoding
from model.lanes import LANES, as_rows, filled, in_lanes
from model.network import Ensemble
from model.noise_network import NoiseNetwork
from model.signature import Signature
from model.targets import Targets
from model.uncertainty import CHUNK_BYTES, Posterior

BoolArray = NDArray[np.bool_]


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
    """(rows, features): outside of what was seen of them in training."""
    probabilities: FloatArray | None = None
    """(rows, categories), where the answer is a category: then `mean` holds the place of the most probable one."""


@dataclass(frozen=True, eq=False)
class Predictor:
    """Networks of one architecture, whose answers are averaged. Threads may share it."""

    signature: Signature
    ensemble: Ensemble
    encoding: Encoding
    targets: Targets
    posterior: Posterior
    noise_network: NoiseNetwork | None
    domain: Domain

    def predict(self, features: FloatArray, coverage: float | None = 0.95) -> Prediction:
        """Answer for features (rows, features), with intervals that hold the truth with probability `coverage`.

        Means and intervals keep the bounds that the signature declares.
        """
        extrapolated = self.domain.lacks(features)
        if (coverage is None and self.targets.straight) or not self.has_spread.any():
            parts = [self._average(self.ensemble.values(inputs)[-1]) for inputs, _ in self._blocks(features)]
            return Prediction(self.targets.means(as_rows(parts, len(features)), None), None, None, extrapolated)
        locations, variances = zip(*(self._spread(*block) for block in self._blocks(features)), strict=True)
        return self.answer(as_rows(locations, len(features)), as_rows(variances, len(features)), coverage, extrapolated)

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

    def _blocks(self, features: FloatArray) -> Iterator[tuple[FloatArray, FloatArray | None]]:
        """Yield the inputs of the answers and of the noise, as (blocks, 1, inputs, LANES), some at a time."""
        whole = filled(features)
        size = LANES * max(
            1, CHUNK_BYTES // (8 * LANES * self.posterior.noise.size * self.ensemble.architecture.parameter_count)
        )
        for start in range(0, max(len(whole), 1), size):
            rows = whole[start : start + size]
            noisy = None if self.noise_network is None else in_lanes(self.noise_network.encoding.apply(rows))
            yield in_lanes(self.encoding.apply(rows)), noisy

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
