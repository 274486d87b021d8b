"""A regressor is everything needed to answer a row with numbers: a mixture, with what turns rows and answers into its units."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from model.arrays import BoolArray, FloatArray
from model.predictors.mixture import Mixture
from model.predictors.predictor import Predictor
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
        widening = None if coverage is None or rows.are_plain else self._widening(rows, coverage)
        return self.to_prediction(location, variance, coverage, extrapolated, widening)

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
        widening: FloatArray | None = None,
    ) -> Prediction:
        """Turn scaled locations and predictive variances (rows, targets) into answers in the targets' units.

        Intervals are wider by the factors `widening` (rows, targets).
        """
        quantiles = self.mixture.quantiles
        scale = quantiles.deviations(variance)
        means = self.targets.means(location, scale, quantiles.nodes)
        if coverage is None:
            return Prediction(means, None, None, extrapolated)
        unit = scale if widening is None else scale * widening
        lower, upper = quantiles.bounds(coverage)
        return Prediction(means, *self.targets.intervals(location, unit * lower, unit * upper), extrapolated)

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

    def _widening(self, rows: "_Rows", coverage: float) -> FloatArray:
        """Return by how much wider (rows, targets) intervals are where few known levels stand for one never seen."""
        widening = np.ones((len(rows.features), len(self.signature.targets)))
        levels = np.zeros(len(widening), np.intp) if rows.draws is None else rows.draws.levels
        for row in np.flatnonzero(levels).tolist():
            widening[row] = self.mixture.quantiles.widening(coverage, np.array([max(levels[row] - 1.0, 1.0)]))
        for each in self.effects:
            unknown = each.is_unknown(rows.features)
            if unknown.any():
                wider = self.mixture.quantiles.widening(coverage, each.unseen_dof)
                widening[unknown] = np.maximum(widening[unknown], wider)
        return widening


class _Rows(NamedTuple):
    """Rows to be answered."""

    features: FloatArray
    columns: FloatArray
    """(rows or draws, columns)"""
    draws: Draws | None
    are_plain: bool
    """Whether each row is one row of columns, and there is nothing to add to it."""
