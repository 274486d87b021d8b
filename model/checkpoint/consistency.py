"""Consistency: what no single field of a checkpoint tells, but only several of them together."""

from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Any

import numpy as np

from model.arrays import FloatArray
from model.candidates import ClassTrees, ObliviousTrees
from model.checkpoint.rules import Sizes
from model.network import Ensemble
from model.predictors import (
    EXTRA_COLUMNS,
    CandidatePart,
    ClassMixture,
    ClassNetworks,
    EmpiricalQuantiles,
    Mixture,
    NetworkPart,
    NoiseNetwork,
    TargetSpread,
    noise_architecture,
)
from model.table import CIRCLES, DONORS, MAX_IMPUTED_COLUMNS, MISSING_MARK, CategoryEncoding, Imputation, NetworkInputs

WEIGHT_TOLERANCE = 1e-6
ROUNDING = 1e-6
MIN_EIGENVALUE = 1e-12
"""Of a correlation; that of a training has 1e-9 at the least, less what rounding takes."""
MAX_DEPTH = 8
"""Of trees: their leaves are numbered by the bits of a byte."""


def _check_ensemble(ensemble: Ensemble, _: Sizes) -> Iterator[str]:
    if ensemble.parameters.shape[1] != ensemble.architecture.parameter_count:
        yield f"parameters of shape {ensemble.parameters.shape} do not fit {ensemble.architecture.layer_sizes} units"


def _check_networks(part: NetworkPart, sizes: Sizes) -> Iterator[str]:
    architecture, factor = part.ensemble.architecture, part.posterior.factor
    inputs = len(part.network_inputs.source) if part.rotation is None else part.rotation.shape[1]
    yield from _check_layers(architecture.layer_sizes, inputs, sizes.known["targets"])
    if part.rotation is not None and len(part.rotation) != len(part.network_inputs.source):
        yield "the rotation does not fit the inputs"
    if len(factor) != len(part.ensemble.parameters):
        yield "there are not as many posteriors as networks"
    layers = [rows * units for rows, units in reversed(architecture.blocks)]
    if factor.shape[2] not in accumulate(layers):
        yield "the posterior does not cover whole layers"


def _check_class_networks(part: ClassNetworks, sizes: Sizes) -> Iterator[str]:
    inputs = len(part.network_inputs.source)
    yield from _check_layers(part.ensemble.architecture.layer_sizes, inputs, sizes.known["targets"])


def _check_class_mixture(mixture: ClassMixture, _: Sizes) -> Iterator[str]:
    if abs(mixture.weights.sum() - 1.0) > WEIGHT_TOLERANCE or not mixture.weights.all():
        yield "the weights do not sum to 1, or a part has none"


def _check_class_trees(trees: ClassTrees, sizes: Sizes) -> Iterator[str]:
    classes, outputs = sizes.known["targets"], len(trees.start)
    if outputs != (1 if classes == 2 else classes):
        yield f"{outputs} outputs are not those of {classes} classes"
    yield from _check_leaves(trees.columns.shape[1], trees.values.shape[2])


def _check_layers(layer_sizes: tuple[int, ...], inputs: int, outputs: int) -> Iterator[str]:
    if (layer_sizes[0], layer_sizes[-1]) != (inputs, outputs):
        yield f"layers of {layer_sizes} units do not lead from {inputs} inputs to {outputs} outputs"


def _check_mixture(mixture: Mixture, _: Sizes) -> Iterator[str]:
    if np.abs(mixture.weights.sum(axis=0) - 1.0).max() > WEIGHT_TOLERANCE or not mixture.weights.any(axis=1).all():
        yield "the weights of a target do not sum to 1, or a part has none"
    for part, weights in zip(mixture.parts, mixture.weights.tolist(), strict=True):
        known = part.fitted if isinstance(part, CandidatePart) else ()
        if any(each is None and weight > 0 for each, weight in zip(known, weights, strict=False)):
            yield "a part has weight for a target that it does not know"


def _check_encoding(encoding: CategoryEncoding, _: Sizes) -> Iterator[str]:
    if (np.diff(encoding.source) < 0).any():
        yield "the columns are not in the order of the features"
    if len(set(zip(encoding.source.tolist(), map(str, encoding.code.tolist()), strict=True))) < len(encoding.source):
        yield "two columns are the same"
    for code in encoding.code.tolist():
        if not (np.isnan(code) or code == MISSING_MARK or code in CIRCLES or (code >= 0 and code % 1 == 0)):
            yield f"no column has the code {code:g}"


def _check_imputation(imputation: Imputation, sizes: Sizes) -> Iterator[str]:
    if len(imputation.donors) > DONORS:
        yield f"there are more than {DONORS} donors"
    if not imputation.scaler.scale.all():
        yield "a scale is 0"
    if imputation.correlation is not None:
        yield from _check_correlation(imputation.correlation, sizes)


def _check_correlation(correlation: FloatArray, sizes: Sizes) -> Iterator[str]:
    """A correlation is solved for whichever cells a row has: so each part of it must be far enough from singular."""
    size = len(correlation)
    if size > MAX_IMPUTED_COLUMNS:
        yield f"the correlation has more than {MAX_IMPUTED_COLUMNS} columns"
    elif sizes.is_strict and np.abs(correlation).max() > 1.0 + ROUNDING:
        yield "a correlation is above 1"
    elif sizes.is_strict and (np.abs(correlation - correlation.T).max() > ROUNDING or np.diag(correlation).min() < 0.5):
        yield "the correlation is not that of columns with each other"
    else:
        np.linalg.cholesky(correlation - MIN_EIGENVALUE * np.eye(size))  # it raises LinAlgError, a ValueError


def _check_inputs(inputs: NetworkInputs, _: Sizes) -> Iterator[str]:
    if (inputs.low > inputs.high).any():
        yield "limits are the wrong way round"


def _check_noise_network(network: NoiseNetwork, _: Sizes) -> Iterator[str]:
    architecture = noise_architecture(len(network.network_inputs.source) + 1)
    if network.parameters.shape[2] != architecture.parameter_count:
        yield "the parameters do not fit the inputs"


def _check_quantiles(quantiles: EmpiricalQuantiles, _: Sizes) -> Iterator[str]:
    if (np.diff(quantiles.values, axis=1) < 0).any():
        yield "quantiles must ascend"
    unknown = np.isnan(quantiles.values)
    if (unknown.any(axis=1) != unknown.all(axis=1)).any():
        yield "some quantiles of a target are unknown, and some are not"


def _check_spread(spread: TargetSpread, _: Sizes) -> Iterator[str]:
    if spread.limits[0] > spread.limits[1]:
        yield "the limits are the wrong way round"


def _check_trees(trees: ObliviousTrees, _: Sizes) -> Iterator[str]:
    yield from _check_leaves(trees.columns.shape[1], trees.values.shape[1])


def _check_leaves(depth: int, leaves: int) -> Iterator[str]:
    if depth > MAX_DEPTH or leaves != 2**depth:
        yield f"trees of depth {depth} have not {leaves} leaves"


PROBLEMS: dict[type[Any], Callable[[Any, Sizes], Iterator[str]]] = {
    CategoryEncoding: _check_encoding,
    ClassMixture: _check_class_mixture,
    ClassNetworks: _check_class_networks,
    ClassTrees: _check_class_trees,
    EmpiricalQuantiles: _check_quantiles,
    Ensemble: _check_ensemble,
    Imputation: _check_imputation,
    Mixture: _check_mixture,
    NetworkInputs: _check_inputs,
    NetworkPart: _check_networks,
    ObliviousTrees: _check_trees,
    NoiseNetwork: _check_noise_network,
    TargetSpread: _check_spread,
}
"""What no single field tells."""

SCOPES: dict[type[Any], Callable[[Any, Sizes], dict[str, int]]] = {
    CandidatePart: lambda part, sizes: {
        "read": sizes.known["columns"] if part.inputs is None else np.size(part.inputs.source)
    },
    TargetSpread: lambda spread, sizes: {
        "columns": sizes.known["columns"] + EXTRA_COLUMNS,
        "read": np.size(spread.inputs.source),
    },
}
"""Sizes that fields of a value know by a name of their own."""
