"""A regressor is everything needed to predict numbers: an ensemble of networks with its scalers and posterior."""

from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial

import numpy as np

from model.arrays import BoolArray, FloatArray
from model.network import BufferPool, Ensemble
from model.posterior import Posterior, student_t
from model.predictors.noise_network import NoiseNetwork
from model.predictors.predictive_variance import PredictiveVariance
from model.table import CategoryEncoding, NetworkInputs, Signature, Targets

ROUNDING = 1e-5
"""By what share single precision may change a variance; an interval changes by half of that."""


@dataclass(frozen=True, eq=False)
class Prediction:
    """Predictions for some rows, in the targets' own units."""

    mean: FloatArray
    """(rows, targets)"""
    lower: FloatArray | None
    """(rows, targets): where the prediction interval begins; NaN for a target whose spread could not be estimated,
    None if that is so for all of them, or if no interval was asked for."""
    upper: FloatArray | None
    """(rows, targets): where it ends."""
    extrapolated: BoolArray
    """(rows, features): outside the range of the training rows."""


@dataclass(frozen=True, eq=False)
class Regressor:
    """Networks of one architecture, whose outputs are averaged. Threads may share it."""

    signature: Signature
    ensemble: Ensemble
    network_inputs: NetworkInputs
    targets: Targets
    posterior: Posterior
    noise_network: NoiseNetwork | None
    domain: FloatArray
    """(2, columns): the least and the greatest value of each encoded column in the training rows."""
    category_encoding: CategoryEncoding

    def predict(self, features: FloatArray, coverage: float | None = 0.95) -> Prediction:
        """Predict from features (rows, features), with intervals that hold the truth with probability `coverage`.

        Means and intervals keep the bounds that the signature declares.
        """
        columns = self.category_encoding.apply(features)
        extrapolated = self.category_encoding.outside(columns, self.domain)
        if (coverage is None and self.targets.untransformed) or not self._has_any_spread:
            (location,) = self._pool.run(columns, PredictiveVariance.locations)
            return Prediction(self.targets.means(location, None), None, None, extrapolated)
        location, variance = self._pool.run(columns, PredictiveVariance.locations_and_variances)
        return self.to_prediction(location, variance, coverage, extrapolated)

    def log_density(self, features: FloatArray, targets: FloatArray) -> FloatArray:
        """Return the logarithm of the density (rows, targets) at targets (rows, targets).

        It is NaN for a target whose spread could not be estimated.
        """
        location, variance = self._locations_and_variances(features)
        scale = np.sqrt(variance * self.posterior.scale)
        scaled, slope = self.targets.scaled_with_log_slope(targets)
        squares = ((scaled - location) / scale) ** 2
        standard = [student_t.log_density(squares[:, k], dof) for k, dof in enumerate(self.posterior.dof.tolist())]
        return np.column_stack(standard) - np.log(scale) + slope

    def to_prediction(
        self, location: FloatArray, variance: FloatArray, coverage: float | None, extrapolated: BoolArray
    ) -> Prediction:
        """Turn scaled locations and predictive variances (rows, targets) into predictions in the targets' units."""
        scale = np.sqrt(variance * self.posterior.scale)
        means = self.targets.means(location, scale)
        if coverage is None:
            return Prediction(means, None, None, extrapolated)
        half = scale * _quantiles(coverage, tuple(self.posterior.dof.tolist()))
        return Prediction(means, *self.targets.intervals(location, half), extrapolated)

    @cached_property
    def has_spread(self) -> BoolArray:
        """Whether each target's spread could be estimated."""
        return np.isfinite(self.posterior.scale)

    @cached_property
    def _has_any_spread(self) -> bool:
        return bool(self.has_spread.any())

    @property
    def is_quick(self) -> bool:
        """Whether many rows at once are answered in a few milliseconds."""
        return self._pool.are_quick

    def to_single_precision(self, features: FloatArray) -> "Regressor":
        """Return it with a posterior of half the size, unless the variances for some features then change by more than rounding.

        A posterior that is a difference stays as it is: it is small, and its digits are needed. So does that of
        networks whose outputs have no bounds: far out they would need a wider range than single precision has.
        """
        architecture = self.ensemble.architecture
        has_bounds = architecture.activation in {"sigmoid", "tanh"} and len(architecture.blocks) > 1
        if self.posterior.prior is not None or not has_bounds:
            return self
        posterior = replace(self.posterior, factor=self.posterior.factor.astype(np.float32))
        single = replace(self, posterior=posterior)
        (_, exact), (_, rounded) = (each._locations_and_variances(features) for each in (self, single))
        return single if bool((np.abs(rounded - exact) <= ROUNDING * exact).all()) else self

    def _locations_and_variances(self, features: FloatArray) -> list[FloatArray]:
        """Scaled locations and predictive variances (rows, targets)."""
        return self._pool.run(self.category_encoding.apply(features), PredictiveVariance.locations_and_variances)

    @cached_property
    def _pool(self) -> BufferPool[PredictiveVariance]:
        factor = self.posterior.factor
        size = factor.itemsize * self.posterior.noise.size * factor.shape[-1]
        make = partial(PredictiveVariance, self.network_inputs, self.ensemble, self.posterior, self.noise_network)
        return BufferPool(make, size, self.ensemble.parameters.nbytes, self.posterior.tile_rows)


@lru_cache(maxsize=1024)
def _quantiles(coverage: float, dofs: tuple[float, ...]) -> FloatArray:
    """Return the half-widths (targets,) of intervals around 0."""
    return np.array([student_t.quantile(coverage, dof) for dof in dofs])
