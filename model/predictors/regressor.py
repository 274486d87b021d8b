"""A predictor is everything needed to answer a question: an ensemble of networks with its scalers and posterior."""

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial

import numpy as np

from model.arrays import BoolArray, FloatArray
from model.network import Ensemble, Passes
from model.posterior import Posterior
from model.posterior import student_t as student
from model.predictors.noise_network import NoiseNetwork
from model.predictors.predictive_variance import SpreadPass
from model.table import Encoding, Expansion, Signature, Targets

ROUNDING = 1e-5
"""Of a variance: what single precision may cost; of an interval, half of it."""


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
        if (coverage is None and self.targets.straight) or not self._has_any_spread:
            (location,) = self._passes.run(columns, SpreadPass.locations)
            return Prediction(self.targets.means(location, None), None, None, extrapolated)
        location, variance = self._passes.run(columns, SpreadPass.spread)
        return self.answer(location, variance, coverage, extrapolated)

    def log_density(self, features: FloatArray, targets: FloatArray) -> FloatArray:
        """Return the logarithm of the density (rows, targets) that is given to targets (rows, targets).

        It is NaN for a target whose spread could not be estimated.
        """
        location, variance = self._spread(features)
        scale = np.sqrt(variance * self.posterior.scale)
        scaled, slope = self.targets.scaled_with_log_slope(targets)
        squares = ((scaled - location) / scale) ** 2
        standard = [student.log_density(squares[:, k], dof) for k, dof in enumerate(self.posterior.dof.tolist())]
        return np.column_stack(standard) - np.log(scale) + slope

    def answer(
        self, location: FloatArray, variance: FloatArray, coverage: float | None, extrapolated: BoolArray
    ) -> Prediction:
        """Turn scaled locations and predictive variances (rows, targets) into answers in the targets' units."""
        scale = np.sqrt(variance * self.posterior.scale)
        means = self.targets.means(location, scale)
        if coverage is None:
            return Prediction(means, None, None, extrapolated)
        half = scale * _quantiles(coverage, tuple(self.posterior.dof.tolist()))
        return Prediction(means, *self.targets.intervals(location, half), extrapolated)

    @cached_property
    def has_spread(self) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
        """Whether each target's spread could be estimated."""
        return np.isfinite(self.posterior.scale)

    @cached_property
    def _has_any_spread(self) -> bool:
        return bool(self.has_spread.any())

    @property
    def is_quick(self) -> bool:
        """Whether many rows at once are answered in a few milliseconds."""
        return self._passes.are_quick

    def in_single_precision(self, features: FloatArray) -> "Predictor":
        """Return it with a posterior of half the size, unless the variances for some features then change by more than rounding.

        A posterior that is a difference stays as it is: it is small, and its digits are needed. So does that of
        networks whose answers have no bounds: far out they would need a wider range than single precision has.
        """
        architecture = self.ensemble.architecture
        has_bounds = architecture.activation in {"sigmoid", "tanh"} and len(architecture.blocks) > 1
        if self.posterior.prior is not None or not has_bounds:
            return self
        posterior = replace(self.posterior, factor=self.posterior.factor.astype(np.float32))
        single = replace(self, posterior=posterior)
        (_, known), (_, rounded) = (each._spread(features) for each in (self, single))
        return single if bool((np.abs(rounded - known) <= ROUNDING * known).all()) else self

    def _spread(self, features: FloatArray) -> list[FloatArray]:
        """Scaled locations and predictive variances (rows, targets)."""
        return self._passes.run(self.expansion.apply(features), SpreadPass.spread)

    @cached_property
    def _passes(self) -> Passes[SpreadPass]:
        factor = self.posterior.factor
        size = factor.itemsize * self.posterior.noise.size * factor.shape[-1]
        make = partial(SpreadPass, self.encoding, self.ensemble, self.posterior, self.noise_network)
        return Passes(make, size, self.ensemble.parameters.nbytes, self.posterior.lanes)


@lru_cache(maxsize=1024)
def _quantiles(coverage: float, dofs: tuple[float, ...]) -> FloatArray:
    """Return the half-widths (targets,) of intervals around 0."""
    return np.array([student.quantile(coverage, dof) for dof in dofs])
