"""Targets: from their own units to the scale where a network learns them, and back as predictions within their bounds."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from model.arrays import BoolArray, FloatArray
from model.table.scaler import Scaler
from model.table.signature import Column
from model.table.transforms import TRANSFORMS, Transform


class Scatter(NamedTuple):
    """A distribution around a location, as points with a share of it each."""

    nodes: FloatArray
    shares: FloatArray

    @staticmethod
    def uniform(nodes: FloatArray) -> "Scatter":
        """Return that of points that are equally probable."""
        return Scatter(nodes, np.full(len(nodes), 1.0 / len(nodes)))


_NODES, _WEIGHTS = np.polynomial.hermite_e.hermegauss(7)
NORMAL = Scatter(_NODES, _WEIGHTS / _WEIGHTS.sum())
"""Seven nodes of Gauss and Hermite."""


@dataclass(frozen=True, eq=False)
class Targets:
    """What the targets are and how each is scaled: scaled = scaler(transform(target))."""

    columns: tuple[Column, ...]
    scaler: Scaler
    """Of the transformed targets."""
    transforms: tuple[str, ...]
    """For each target, a name in `TRANSFORMS`."""

    def with_constant_targets(self, varying: BoolArray, values: FloatArray) -> "Targets":
        """Return the same with targets that do not vary (varying: (targets,)) predicted as their one value.

        `values` (rows, targets) are the targets themselves.
        """
        constants = transform_targets(self.columns, self.transforms, values[:1])[0]
        offset = np.where(varying, self.scaler.offset, constants)
        return replace(self, scaler=Scaler(offset, np.where(varying, self.scaler.scale, 0.0)))

    def in_units(self, offset: FloatArray, unit: FloatArray) -> "Targets":
        """Return the same where what was scaled to `offset` (targets,) is 0, and one more `unit` (targets,) is 1."""
        return replace(self, scaler=Scaler(self.scaler.invert(offset), self.scaler.scale * unit))

    @property
    def untransformed(self) -> bool:
        """Whether no target is transformed: then its mean needs no variance."""
        return not self._transformed

    def means(self, location: FloatArray, scale: FloatArray | None, nodes: FloatArray | None = None) -> FloatArray:
        """Return the targets' means, from scaled locations (rows, targets) and how far truth is scattered around them.

        Without a scale, the targets at the locations themselves. The scatter is normal, or, in units of the scale,
        equally probable at nodes (targets, any number).
        """
        transformed = self.scaler.invert(location)
        if not self._transformed:
            return self.within_bounds(transformed)
        means = transformed.copy()
        for target, transform in self._transformed.items():
            deviation = None if scale is None else self.unscale_deviation(scale)[:, target]
            scatter = NORMAL if nodes is None else Scatter.uniform(nodes[target])
            means[:, target] = _average(transform, transformed[:, target], deviation, scatter)
        return self.within_bounds(means)

    def quantiles(self, location: FloatArray) -> FloatArray:
        """Return the targets (rows, targets) at scaled values: what is the median, say, there, is the median here."""
        return self._invert_transforms(self.scaler.invert(location))

    def intervals(self, location: FloatArray, lower: FloatArray, upper: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return where intervals begin and end that reach from `lower` to `upper` around scaled locations (rows, targets).

        A location outside the bounds is brought to the bound first, so that the interval does not shrink to nothing there.
        """
        below, above = self.unscale_deviation(lower), self.unscale_deviation(upper)
        centre = self._centres(location)
        if not self._transformed:
            minimum, maximum = self._bounds
            return np.maximum(centre + below, minimum), np.minimum(centre + above, maximum)
        return self._invert_transforms(centre + below), self._invert_transforms(centre + above)

    def shifted(self, location: FloatArray, offset: FloatArray) -> FloatArray:
        """Return the targets that are so far (rows, targets) from scaled locations (rows, targets), as intervals end there."""
        return self._invert_transforms(self._centres(location) + self.unscale_deviation(offset))

    def standardised(self, values: FloatArray, location: FloatArray, scale: FloatArray) -> FloatArray:
        """Return how many scales (rows, targets) values (targets,) are from scaled locations: `shifted` the other way."""
        centre, deviation = self._centres(location), self.unscale_deviation(scale)
        with np.errstate(all="ignore"):
            transformed = transform_targets(self.columns, self.transforms, values[None])
            # What a scale has no place for is below or above all that it has place for.
            nowhere = np.where(values < self._invert_transforms(centre.copy()), -np.inf, np.inf)
            apart = np.where(np.isnan(transformed), nowhere, transformed - centre)
            return np.where(deviation > 0.0, apart / deviation, np.where(apart < 0.0, -np.inf, np.inf))

    def beyond(self, values: FloatArray, *, strictly: bool) -> tuple[BoolArray, BoolArray]:
        """Tell below which values (targets,) no target can be, and below which all are; `strictly`, or at most there."""
        minimum, maximum = self._bounds
        lowest = minimum.copy()
        for target, transform in self._transformed.items():
            lowest[target] = max(minimum[target], transform.lowest)
        return (values <= lowest, values > maximum) if strictly else (values < lowest, values >= maximum)

    def scaled_with_log_slope(self, targets: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return targets (rows, targets) on the scale where they are learned, and the logarithm of its slope there.

        A target that the scale has no place for, such as one below 0 on a logarithmic one, is infinitely far off.
        """
        with np.errstate(invalid="ignore", divide="ignore"):
            scaled = self.scaler.apply(transform_targets(self.columns, self.transforms, targets))
            slope = np.zeros_like(scaled) - np.log(self.scaler.scale)
            for target, transform in self._transformed.items():
                slope[:, target] += transform.log_slope(targets[:, target])
        nowhere = ~np.isfinite(scaled) | ~np.isfinite(slope)
        return np.where(nowhere, np.inf, scaled), np.where(nowhere, 0.0, slope)

    def unscale_deviation(self, scale: FloatArray) -> FloatArray:
        """Turn a scaled standard deviation into that of the transformed targets."""
        return scale * self.scaler.scale

    def noise_in_target_units(self, noise: FloatArray, targets: FloatArray) -> FloatArray:
        """Turn scaled noise levels (targets,) into the targets' units: the median over the rows, where a target is transformed."""
        levels = self.unscale_deviation(noise)
        for target, transform in self._transformed.items():
            levels[target] *= np.median(np.exp(-transform.log_slope(targets[:, target])))
        return levels

    def within_bounds(self, targets: FloatArray) -> FloatArray:
        """Clip targets (rows, targets) to the bounds that are declared."""
        minimum, maximum = self._bounds
        return np.minimum(np.maximum(targets, minimum), maximum)

    def _centres(self, location: FloatArray) -> FloatArray:
        """Return scaled locations (rows, targets) on the transformed scale, within the bounds."""
        centre = self.scaler.invert(location)
        inside = self.within_bounds(centre)
        for target in self._transformed:  # a transformed scale keeps to its bounds anyway
            inside[:, target] = centre[:, target]
        return inside

    def _invert_transforms(self, values: FloatArray) -> FloatArray:
        """Bring transformed targets (rows, targets) back, in place."""
        for target, transform in self._transformed.items():
            values[:, target] = transform.inverse(values[:, target])
        return self.within_bounds(values)

    @cached_property
    def _transformed(self) -> dict[int, Transform]:
        return {
            target: transform
            for target, (name, column) in enumerate(zip(self.transforms, self.columns, strict=True))
            if name != "identity" and (transform := TRANSFORMS[name](column)) is not None
        }

    @cached_property
    def _bounds(self) -> tuple[FloatArray, FloatArray]:
        minimum = np.array([-np.inf if column.minimum is None else column.minimum for column in self.columns])
        maximum = np.array([np.inf if column.maximum is None else column.maximum for column in self.columns])
        return minimum, maximum


def transform_targets(columns: tuple[Column, ...], names: tuple[str, ...], targets: FloatArray) -> FloatArray:
    """Transform targets (rows, targets), each by the transform of its name."""
    transformed = targets.astype(np.float64)
    for target, (name, column) in enumerate(zip(names, columns, strict=True)):
        transform = TRANSFORMS[name](column)
        if transform is not None:
            transformed[:, target] = transform.forward(transformed[:, target])
    return transformed


def _average(
    transform: Transform, transformed: FloatArray, deviation: FloatArray | None, scatter: Scatter
) -> FloatArray:
    """Average the target over its scatter around transformed values (rows,)."""
    if deviation is None:
        return transform.inverse(transformed)
    values = transformed[:, None] + np.minimum(deviation, transform.widest)[:, None] * scatter.nodes
    return np.asarray(np.add.reduce(transform.inverse(values) * scatter.shares, axis=1))
