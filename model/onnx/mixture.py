"""The mixture in a graph: what its parts answer together, with how far off that may be; and that of classes."""

from functools import reduce

import numpy as np

from model.arrays import FloatArray
from model.onnx.candidates import answer, candidate_part
from model.onnx.columns import scale_inputs
from model.onnx.graph import Tensor
from model.onnx.networks import class_networks, network_part, noise_multipliers
from model.onnx.trees import class_trees, constant_rows
from model.predictors import (
    CandidatePart,
    ClassMixture,
    ClassNetworks,
    ClassPart,
    ClassShares,
    ClassTreesPart,
    ConstantPart,
    Mixture,
    NetworkPart,
    NoiseNetwork,
    Part,
    SpreadModel,
    TargetSpread,
)


def locations(columns: Tensor, mixture: Mixture) -> Tensor:
    """Return scaled locations (rows, targets)."""
    return _mix([_answer(columns, part, with_variance=False)[0] for part in mixture.parts], mixture.weights)


def locations_and_variances(columns: Tensor, mixture: Mixture) -> tuple[Tensor, Tensor]:
    """Return scaled locations and variances, each (rows, targets)."""
    each = [_answer(columns, part, with_variance=True) for part in mixture.parts]
    location = _mix([said for said, _ in each], mixture.weights)
    claimed = _mix([variance for _, variance in each if variance is not None], mixture.weights * mixture.scales)
    apart = [said - location for said, _ in each]
    disagreement = _mix([off * off for off in apart], mixture.weights)
    variance = claimed + disagreement
    if isinstance(mixture.spread, NoiseNetwork):
        return location, variance * noise_multipliers(columns, location, mixture.spread)
    if isinstance(mixture.spread, SpreadModel):
        factors = _spread_factors([columns, location, variance, disagreement], mixture.spread)
        return location, variance * factors
    return location, variance


def probabilities(columns: Tensor, mixture: ClassMixture) -> Tensor:
    """Return probabilities (rows, classes)."""
    parts = zip(mixture.parts, mixture.weights.tolist(), mixture.temperatures.tolist(), strict=True)
    each: list[Tensor] = [_softmax(_logits(columns, part), temperature) * weight for part, weight, temperature in parts]
    return reduce(Tensor.__add__, each)


def _answer(columns: Tensor, part: Part, *, with_variance: bool) -> tuple[Tensor, Tensor | None]:
    if isinstance(part, NetworkPart):
        return network_part(columns, part, with_variance=with_variance)
    if isinstance(part, ConstantPart):
        said = constant_rows(columns, part.location)
        return said, constant_rows(columns, part.variance)
    if isinstance(part, CandidatePart):
        return candidate_part(columns, part), constant_rows(columns, part.variance)
    raise TypeError(f"a graph knows no {type(part).__name__}")


def _mix(values: list[Tensor], weights: FloatArray) -> Tensor:
    """Sum values (rows, targets) of each part, weighted by (parts, targets)."""
    each: list[Tensor] = [value * weight for value, weight in zip(values, weights, strict=True)]
    return reduce(Tensor.__add__, each)


def _spread_factors(read: list[Tensor], spread: SpreadModel) -> Tensor:
    """Return what variances (rows, targets) are multiplied by."""
    columns, *others = read
    factors = []
    for target, each in enumerate(spread.targets):
        if each is None:
            factors.append(constant_rows(columns, np.ones(1)))
            continue
        location, variance, disagreement = (other.take([target]) for other in others)
        logs = (variance.apply("Log"), (disagreement + each.floor).apply("Log"))
        factors.append(_log_factor(columns.graph.join(columns, location, *logs), each).apply("Exp"))
    return columns.graph.join(*factors)


def _log_factor(table: Tensor, spread: TargetSpread) -> Tensor:
    inputs = scale_inputs(table, spread.inputs)
    logs = constant_rows(table, spread.base)
    for weight, candidate in zip(spread.weights.tolist(), spread.candidates, strict=True):
        logs = logs + answer(inputs, candidate) * weight
    return logs.apply("Max", spread.limits[0]).apply("Min", spread.limits[1])


def _softmax(logits: Tensor, temperature: float) -> Tensor:
    """Return the mean over members of the probabilities (rows, classes) of logits (members, rows, classes)."""
    return (logits / temperature).apply("Softmax", axis=-1).reduce("Mean", 0)


def _logits(columns: Tensor, part: ClassPart) -> Tensor:
    if isinstance(part, ClassNetworks):
        return class_networks(columns, part)
    if isinstance(part, ClassTreesPart):
        return class_trees(columns, part.trees).unsqueeze(0)
    if isinstance(part, ClassShares):
        return constant_rows(columns, part.log_shares).unsqueeze(0)
    raise TypeError(f"a graph knows no {type(part).__name__}")
