"""A mixture: candidates that answer together, each weighted by what it was worth on rows that it had not seen.

    location = sum of w_j m_j
    variance = (sum of w_j (k_j v_j + (m_j - location)^2)) x spread

for each target, in scaled units, with w_j the weight of part j and k_j the factor by which its own variances were off.
"""

from dataclasses import dataclass, replace
from functools import cached_property, partial

import numpy as np

from model.arrays import FloatArray
from model.network import BufferPool
from model.predictors.network_part import NetworkPart
from model.predictors.parts import Part
from model.predictors.spread import NoiseNetwork, Quantiles, SpreadModel


@dataclass(frozen=True, eq=False)
class Mixture:
    """The parts that have weight, and what turns their answers into one. Threads may share it."""

    parts: tuple[Part, ...]
    """Those alone that have weight for some target."""
    weights: FloatArray
    """(parts, targets): those of a target sum to 1."""
    scales: FloatArray
    """(parts, targets): what the variances of each part are multiplied by."""
    spread: SpreadModel | NoiseNetwork | None
    """What the mixed variance is multiplied by, row by row; None: it is not."""
    quantiles: Quantiles

    @staticmethod
    def single(part: Part, spread: NoiseNetwork | None, quantiles: Quantiles) -> "Mixture":
        """Return the mixture in which one part has all the weight."""
        ones = np.ones((1, len(quantiles.are_known)))
        return Mixture((part,), ones, ones, spread, quantiles)

    @property
    def networks(self) -> tuple[NetworkPart, ...]:
        """The parts that are networks."""
        return tuple(part for part in self.parts if isinstance(part, NetworkPart))

    @property
    def is_quick(self) -> bool:
        """Whether many rows at once are answered in a few milliseconds."""
        return self._pool.are_quick

    @property
    def operations_a_row(self) -> int:
        """About how many floating-point operations it takes to answer a row."""
        spread = self.spread.shared_bytes // 4 if isinstance(self.spread, SpreadModel) else 0
        return spread + sum(part.operations_a_row for part in self.parts)

    def locations(self, columns: FloatArray) -> FloatArray:
        """Return scaled locations (rows, targets) for columns (rows, columns)."""
        return self._pool.run(columns, MixturePass.locations)[0]

    def locations_and_variances(self, columns: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return scaled locations and variances, each (rows, targets), for columns (rows, columns)."""
        location, variance = self._pool.run(columns, MixturePass.locations_and_variances)
        return location, variance

    def to_single_precision(self, columns: FloatArray) -> "Mixture":
        """Return it with posteriors of half the size where that costs no more than rounding."""
        parts = [part.to_single_precision(columns) if isinstance(part, NetworkPart) else part for part in self.parts]
        return replace(self, parts=tuple(parts))

    @property
    def buffer_bytes(self) -> int:
        """How much memory answering takes at a time, beside the answer."""
        return self._pool.buffer_bytes

    @cached_property
    def _pool(self) -> "BufferPool[MixturePass]":
        bytes_a_row = max(part.bytes_a_row for part in self.parts)
        shared = sum(part.shared_bytes for part in self.parts)
        if isinstance(self.spread, SpreadModel):
            shared += self.spread.shared_bytes
        return BufferPool(partial(MixturePass, self), bytes_a_row, shared, max(part.tile_rows for part in self.parts))


class MixturePass:
    """Answers of a mixture for up to a fixed number of rows, in buffers that are allocated once."""

    def __init__(self, mixture: Mixture, samples: int) -> None:
        self._passes = [part.make_pass(samples) for part in mixture.parts]
        self._weights = list(mixture.weights[:, :, None])
        self._scaled_weights = list((mixture.weights * mixture.scales)[:, :, None])
        self._is_plain = len(self._passes) == 1 and bool((mixture.scales == 1.0).all())
        self._nothing = np.zeros((mixture.weights.shape[1], 1))
        self._spread, noise_network = mixture.spread, None
        if isinstance(mixture.spread, NoiseNetwork):
            noise_network = mixture.spread.make_pass(samples, max(part.tile_rows for part in mixture.parts))
        self._noise_pass = noise_network

    def locations(self, columns: FloatArray) -> tuple[FloatArray]:
        """Return the scaled locations (rows, targets) for columns (rows, columns)."""
        each = [one.locations(columns) for one in self._passes]
        return (self._mix(each).T,)

    def locations_and_variances(self, columns: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Return the scaled locations and variances, each (rows, targets), for columns (rows, columns)."""
        each = [one.locations_and_variances(columns) for one in self._passes]
        if self._is_plain:
            ((location, variance),) = each
            disagreement = self._nothing
        else:
            location = self._mix([said for said, _ in each])
            disagreement = self._measure_disagreement([said for said, _ in each], location)
            variance = disagreement + _sum_products(self._scaled_weights, [claimed for _, claimed in each])
        if self._noise_pass is not None:
            variance = variance * self._noise_pass.multipliers(columns, location)
        elif isinstance(self._spread, SpreadModel):
            variance = variance * self._spread.factors(columns, location, variance, disagreement)
        return location.T, variance.T

    def _mix(self, each: list[FloatArray]) -> FloatArray:
        return each[0] if len(each) == 1 else _sum_products(self._weights, each)

    def _measure_disagreement(self, each: list[FloatArray], location: FloatArray) -> FloatArray:
        """Return the weighted mean square (targets, rows) of how far the parts are from their mixture."""
        if len(each) == 1:
            return self._nothing
        apart = [said - location for said in each]
        return _sum_products(self._weights, [off * off for off in apart])


def _sum_products(factors: list[FloatArray], values: list[FloatArray]) -> FloatArray:
    """Sum in one order, element by element, so that a row's bits are its own."""
    total = factors[0] * values[0]
    for factor, value in zip(factors[1:], values[1:], strict=True):
        total += factor * value
    return total
