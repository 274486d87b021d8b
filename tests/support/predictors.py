"""Random pieces of predictors, of every make, for the property tests."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from model.arrays import FloatArray
from model.candidates import KernelMachine, ObliviousTrees, Ridge
from model.network import Architecture, Ensemble
from model.posterior import Posterior
from model.predictors import (
    EXTRA_COLUMNS,
    KNOTS,
    CandidatePart,
    ConstantPart,
    EmpiricalQuantiles,
    NetworkPart,
    NoiseNetwork,
    SpreadModel,
    StudentQuantiles,
    TargetSpread,
    noise_architecture,
)
from model.table import NetworkInputs, Scaler


@dataclass(frozen=True)
class Maker:
    """Makes the pieces of a predictor, at random."""

    rng: np.random.Generator
    columns: FloatArray
    """(rows, columns): the encoded table."""
    targets: int

    @property
    def width(self) -> int:
        return int(self.columns.shape[1])

    def inputs(self, *, ramps: bool = False, extra: int = 0) -> NetworkInputs:
        """Some columns, in any order, and perhaps ramps over them."""
        source = self.rng.permutation(self.width + extra)[: self.rng.integers(1, self.width + extra + 1)]
        spread = np.concatenate([self.columns.std(axis=0), np.ones(extra)])
        middle = np.concatenate([self.columns.mean(axis=0), np.zeros(extra)])
        scaler = Scaler(middle, np.where(spread > 0, spread, 1.0))
        plain = NetworkInputs.from_scaler(source, scaler)
        return plain.with_ramps(self.columns, 3) if ramps and not extra else plain

    def constant(self) -> ConstantPart:
        return ConstantPart(self.rng.normal(size=self.targets), self.rng.uniform(0.5, 1, self.targets))

    def networks(self, shape: tuple[str, str, bool], hidden: tuple[int, ...] = (4, 3)) -> NetworkPart:
        """Networks with these activations and biases; a posterior of all parameters, or of the last layers."""
        inputs = self.inputs(ramps=bool(self.rng.integers(2)))
        rotation = self.rng.normal(size=(len(inputs.source), 2)) if self.rng.integers(2) else None
        size = len(inputs.source) if rotation is None else 2
        architecture = Architecture((size, *hidden, self.targets), *shape)
        members, layers = int(self.rng.integers(1, 4)), architecture.blocks[int(self.rng.integers(len(hidden) + 1)) :]
        covered = sum(rows * units for rows, units in layers)
        posterior = Posterior(
            self.rng.normal(size=(members, 5, covered)) * 0.1,
            self.rng.uniform(0.1, 0.2, (members, self.targets)),
            self.rng.uniform(1, 2, (members, covered)) if self.rng.integers(2) else None,
        )
        parameters = self.rng.normal(size=(members, architecture.parameter_count)) * 0.7
        return NetworkPart(inputs, rotation, Ensemble(architecture, parameters), posterior)

    def candidate(self, kind: str) -> CandidatePart:
        """One for each target, but perhaps the first."""
        inputs = None if self.rng.integers(2) else self.inputs()
        read = self.columns if inputs is None else inputs.apply(self.columns)
        fitted = [FITTED[kind](self.rng, read) for _ in range(self.targets)]
        fitted[0] = fitted[0] if self.targets == 1 or self.rng.integers(2) else None
        return CandidatePart(inputs, tuple(fitted), self.rng.uniform(0.1, 0.3, self.targets))

    def part(self, kind: str, shape: tuple[str, str, bool]) -> Any:
        if kind == "constant":
            return self.constant()
        return self.networks(shape) if kind == "networks" else self.candidate(kind)

    def spread(self, kind: str) -> NoiseNetwork | SpreadModel | None:
        if kind == "noise":
            inputs = self.inputs()
            size = noise_architecture(len(inputs.source) + 1).parameter_count
            return NoiseNetwork(
                inputs, self.rng.normal(size=(self.targets, 2, size)), self.rng.uniform(0, 2, self.targets)
            )
        return (
            SpreadModel(tuple(self._target_spread(number) for number in range(self.targets)))
            if kind == "model"
            else None
        )

    def _target_spread(self, number: int) -> TargetSpread | None:
        if number:
            return None
        inputs = self.inputs(extra=EXTRA_COLUMNS)
        table = np.column_stack([self.columns, self.rng.normal(size=(len(self.columns), EXTRA_COLUMNS))])
        candidates = tuple(FITTED[kind](self.rng, inputs.apply(table)) for kind in ("trees", "kernel", "line"))
        base, floor = np.array([0.1]), np.array([0.01])
        return TargetSpread(inputs, candidates, np.array([0.4, 0.3, 0.3]), base, floor, np.array([-2.0, 2.0]))

    def quantiles(self, *, are_empirical: bool) -> StudentQuantiles | EmpiricalQuantiles:
        if not are_empirical:
            return StudentQuantiles(self.rng.uniform(0.5, 2, self.targets), self.rng.uniform(3, 30, self.targets))
        values = np.sort(self.rng.normal(size=(self.targets, len(KNOTS))), axis=1)
        return EmpiricalQuantiles(values, self.rng.uniform(3, 30, (self.targets, 2)))


def trees(rng: np.random.Generator, read: FloatArray) -> ObliviousTrees:
    """Those whose thresholds lie between values of the table, as when trees are grown, and infinite ones."""
    count, depth = int(rng.integers(0, 6)), int(rng.integers(1, 5))
    columns = rng.integers(0, read.shape[1], (count, depth)).astype(np.int32)
    # What fills a gap is computed, in a graph in another order: values that only rounding parts are one value.
    middles = [np.convolve(np.unique(values.round(9)), [0.5, 0.5], "same") for values in read.T]
    thresholds = np.array([[rng.choice(middles[column]) for column in row] for row in columns]).reshape(count, depth)
    thresholds[rng.random((count, depth)) < 0.1] = -np.inf
    values = rng.normal(size=(count, 1 << depth)).astype(np.float32)
    return ObliviousTrees(columns, thresholds, values, rng.normal(size=1), rng.uniform(0.5, 2, 1))


def kernel(rng: np.random.Generator, read: FloatArray) -> KernelMachine:
    support = rng.normal(size=(int(rng.integers(1, 20)), read.shape[1]))
    metric = 1.0 / np.maximum(read.std(axis=0), 0.1)
    weights = rng.normal(size=len(support))
    return KernelMachine(read.mean(axis=0), metric, support, weights, rng.normal(size=1), rng.uniform(0.5, 2, 1))


def line(rng: np.random.Generator, read: FloatArray) -> Ridge:
    scale: FloatArray = np.maximum(read.std(axis=0), 0.1)
    slopes = np.asarray(rng.normal(size=int(read.shape[1]))) * 0.3
    return Ridge(read.mean(axis=0), scale, slopes, rng.normal(size=1), rng.uniform(0.5, 2, 1))


FITTED: dict[str, Any] = {"trees": trees, "kernel": kernel, "line": line}
