"""Targets in a graph: scaled locations and variances as means and intervals in the targets' units, within their bounds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from model.arrays import FloatArray
from model.onnx.graph import Tensor
from model.predictors import EmpiricalQuantiles, Quantiles
from model.table import LOGIT_MARGIN, MAX_EXPONENT, NORMAL, TRANSFORMS, Column, Targets


@dataclass(frozen=True)
class Answers:
    """Scaled locations (rows, targets), and how far truth is scattered around them, in deviations and wider, if that is known."""

    location: Tensor
    scale: Tensor | None = None
    unit: Tensor | None = None
    """The scale, wider where few known levels stand for a word that was never seen."""


def deviations(variance: Tensor, quantiles: Quantiles) -> Tensor:
    """Return the unit (rows, targets) that quantiles are measured in, for predictive variances (rows, targets)."""
    return (variance if isinstance(quantiles, EmpiricalQuantiles) else variance * quantiles.scale).apply("Sqrt")


@dataclass(frozen=True, eq=False)
class TargetAnswer:
    """One target, and what is answered for it."""

    targets: Targets
    number: int
    answers: Answers

    def mean(self, nodes: FloatArray | None) -> Tensor:
        """Return means [rows, 1]; over nodes (targets, any number) that are equally probable, or over a normal scatter."""
        centre = self._centre
        if not self._is_transformed:
            return self._within_bounds(centre)
        if self.answers.scale is None:
            return self._within_bounds(self._invert(centre))
        widest = TRANSFORMS[self._transform](self._column)
        deviation = self._unscale(self.answers.scale)
        if widest is not None and np.isfinite(widest.widest):
            deviation = deviation.apply("Min", widest.widest)
        points = NORMAL.nodes if nodes is None else nodes[self.number]
        shares = NORMAL.shares if nodes is None else np.full(len(points), 1.0 / len(points))
        return self._within_bounds(self._invert(centre + deviation * points) @ shares[:, None])

    def bounds(self, lower: float, upper: float) -> tuple[Tensor, Tensor]:
        """Return where intervals begin and end, each [rows, 1], that reach from `lower` to `upper`, in deviations."""
        wide, scale, centre = self.answers.unit, self.answers.scale, self._centre
        assert wide is not None and scale is not None  # noqa: S101, PT018 - for the type checker
        inside = centre if self._is_transformed else self._within_bounds(centre)
        # An end on the other side of the location would come nearer if it was multiplied.
        below = self._invert(inside + self._unscale(wide if lower < 0 else scale) * lower)
        above = self._invert(inside + self._unscale(wide if upper > 0 else scale) * upper)
        if self.targets.untransformed:
            return self._at_least_minimum(below), self._at_most_maximum(above)
        return self._within_bounds(below), self._within_bounds(above)

    @property
    def _column(self) -> Column:
        return self.targets.columns[self.number]

    @property
    def _transform(self) -> str:
        return self.targets.transforms[self.number]

    @property
    def _is_transformed(self) -> bool:
        return self._transform != "identity" and TRANSFORMS[self._transform](self._column) is not None

    @property
    def _centre(self) -> Tensor:
        """The transformed target [rows, 1]."""
        scaler = self.targets.scaler
        scale, offset = float(scaler.scale[self.number]), float(scaler.offset[self.number])
        return self.answers.location.take([self.number]) * scale + offset

    def _unscale(self, scale: Tensor) -> Tensor:
        return scale.take([self.number]) * float(self.targets.scaler.scale[self.number])

    def _invert(self, values: Tensor) -> Tensor:
        return _INVERSES[self._transform](values, self._column) if self._is_transformed else values

    def _within_bounds(self, values: Tensor) -> Tensor:
        return self._at_most_maximum(self._at_least_minimum(values))

    def _at_least_minimum(self, values: Tensor) -> Tensor:
        minimum = self._column.minimum
        return values if minimum is None else values.apply("Max", float(minimum))

    def _at_most_maximum(self, values: Tensor) -> Tensor:
        maximum = self._column.maximum
        return values if maximum is None else values.apply("Min", float(maximum))


def _inverse_log(values: Tensor, _: Column) -> Tensor:
    return values.apply("Min", MAX_EXPONENT).apply("Exp")


def _inverse_root(values: Tensor, _: Column) -> Tensor:
    above = values.apply("Max", 0.0)
    return above * above / 4.0


def _inverse_logit(values: Tensor, column: Column) -> Tensor:
    assert column.minimum is not None and column.maximum is not None  # noqa: S101, PT018 - else there is no such transform
    margin = LOGIT_MARGIN * (column.maximum - column.minimum)
    low, high = column.minimum - margin, column.maximum + margin
    return ((values / 2.0).apply("Tanh") + 1.0) * 0.5 * (high - low) + low


_INVERSES: Mapping[str, Callable[[Tensor, Column], Tensor]] = {
    "log": _inverse_log,
    "logit": _inverse_logit,
    "root": _inverse_root,
}
