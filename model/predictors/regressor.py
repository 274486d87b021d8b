"""A regressor is everything needed to answer a row with numbers: a mixture, with what turns rows and answers into its units."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from model.arrays import BoolArray, FloatArray
from model.predictors.mixture import Mixture
from model.predictors.predictor import Predictor
from model.predictors.spread import Distribution
from model.table import CategoryEncoding, Draws, LevelEffects, Signature, Targets


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
class Regressor(Predictor):
    """A mixture of candidates that answers rows in their own units. Threads may share it."""

    signature: Signature
    category_encoding: CategoryEncoding
    domain: FloatArray
    """(2, columns): the least and the greatest value of each expanded column that was learned from."""
    targets: Targets
    mixture: Mixture
    effects: tuple[LevelEffects, ...] = ()
    """Of features of many categories, which have no columns."""

    def predict(self, features: FloatArray, coverage: float | None = 0.95) -> Prediction:
        """Answer for features (rows, features), with intervals that hold the truth with probability `coverage`.

        Means and intervals keep the bounds that the signature declares.
        """
        rows = self._read(features)
        extrapolated = self._extrapolated(features, rows.columns, rows.draws, are_plain=rows.are_plain)
        if (coverage is None and self.targets.untransformed) or not self._has_any_spread:
            return Prediction(self.targets.means(self._locations(rows), None), None, None, extrapolated)
        location, variance = self._locations_and_variances(rows)
        limits = None if coverage is None or rows.are_plain else self._limits(rows)
        return self.to_prediction(location, variance, coverage, extrapolated, limits)

    def distribution(self, features: FloatArray) -> tuple[Distribution, BoolArray]:
        """Return what is said of the targets of rows (rows, features), and what of these is extrapolated (rows, features)."""
        rows = self._read(features)
        extrapolated = self._extrapolated(features, rows.columns, rows.draws, are_plain=rows.are_plain)
        location, variance = self._locations_and_variances(rows)
        limits = None if rows.are_plain else self._limits(rows)
        quantiles = self.mixture.quantiles
        return Distribution(location, quantiles.deviations(variance), self.targets, quantiles, limits), extrapolated

    def log_density(self, features: FloatArray, targets: FloatArray) -> FloatArray:
        """Return the logarithm of the density (rows, targets) that is given to targets (rows, targets).

        It is NaN for a target whose spread could not be estimated.
        """
        quantiles = self.mixture.quantiles
        location, variance = self._locations_and_variances(self._read(features))
        scale = quantiles.deviations(variance)
        scaled, slope = self.targets.scaled_with_log_slope(targets)
        return quantiles.log_density((scaled - location) / scale) - np.log(scale) + slope

    def to_prediction(
        self,
        location: FloatArray,
        variance: FloatArray,
        coverage: float | None,
        extrapolated: BoolArray,
        limits: FloatArray | None = None,
    ) -> Prediction:
        """Turn scaled locations and predictive variances (rows, targets) into answers in the targets' units.

        Intervals may count on degrees of freedom up to the limits (rows, targets).
        """
        quantiles = self.mixture.quantiles
        said = Distribution(location, quantiles.deviations(variance), self.targets, quantiles, limits)
        lower, upper = (None, None) if coverage is None else said.interval(coverage)
        return Prediction(said.mean, lower, upper, extrapolated)

    @cached_property
    def has_spread(self) -> BoolArray:
        """(targets,): whether each target's spread could be estimated."""
        return self.mixture.quantiles.are_known

    def to_single_precision(self, features: FloatArray) -> "Regressor":
        """Return it with posteriors of half the size, where variances for some features change by rounding alone."""
        return replace(self, mixture=self.mixture.to_single_precision(self.category_encoding.apply(features)))

    @cached_property
    def _has_any_spread(self) -> bool:
        return bool(self.has_spread.any())

    def _read(self, features: FloatArray) -> "_Rows":
        draws = self.category_encoding.draw(features)
        columns = self.category_encoding.apply(features) if draws is None else draws.columns
        return _Rows(features, columns, draws, draws is None and not self.effects)

    def _locations(self, rows: "_Rows") -> FloatArray:
        if not rows.are_plain:
            return self._locations_and_variances(rows)[0]
        return self.mixture.locations(rows.columns)

    def _locations_and_variances(self, rows: "_Rows") -> tuple[FloatArray, FloatArray]:
        """Return scaled locations and variances, each (rows, targets)."""
        location, variance = self.mixture.locations_and_variances(rows.columns)
        if rows.are_plain:
            return location, variance
        if rows.draws is not None:
            factor = (
                self.mixture.quantiles.variance_factor
            )  # what is unknown of a row is no claim, and needs no calibration
            claimed = variance[rows.draws.starts]
            location, variance = rows.draws.average_with_variance(location, variance * factor)
            variance = np.where(rows.draws.are_several, variance / factor, claimed)
        for each in self.effects:
            location, variance = each.add(rows.features, location, variance)
        return location, variance

    def _limits(self, rows: "_Rows") -> FloatArray:
        """Return the degrees of freedom (rows, targets), at the most, where few known levels stand for one never seen."""
        limits = np.full((len(rows.features), len(self.signature.targets)), np.inf)
        levels = np.zeros(len(limits)) if rows.draws is None else rows.draws.levels
        limits[levels > 0] = np.maximum(levels[levels > 0] - 1.0, 1.0)[:, None]
        for each in self.effects:
            unknown = each.is_unknown(rows.features)
            limits[unknown] = np.minimum(limits[unknown], each.unseen_dof)
        return limits


class _Rows(NamedTuple):
    """Rows to be answered."""

    features: FloatArray
    columns: FloatArray
    """(rows or draws, columns)"""
    draws: Draws | None
    are_plain: bool
    """Whether each row is one row of columns, and there is nothing to add to it."""
