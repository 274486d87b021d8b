"""Consistency: what no single field of a checkpoint tells, but only several of them together."""

from collections.abc import Callable, Iterator
from itertools import accumulate
from typing import Any

import numpy as np

from model.checkpoint.rules import Sizes
from model.network import Ensemble
from model.predictors import (
    CandidatePart,
    Classifier,
    EmpiricalQuantiles,
    Mixture,
    NetworkPart,
    NoiseNetwork,
    TargetSpread,
    noise_architecture,
)
from model.table import CategoryEncoding, Imputation

WEIGHT_TOLERANCE = 1e-6


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


def _check_classifier(classifier: Classifier, sizes: Sizes) -> Iterator[str]:
    sizes_of_layers = classifier.ensemble.architecture.layer_sizes
    yield from _check_layers(sizes_of_layers, len(classifier.network_inputs.source), sizes.known["targets"])


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


def _check_imputation(imputation: Imputation, _: Sizes) -> Iterator[str]:
    if imputation.correlation is not None:
        np.linalg.cholesky(imputation.correlation)  # it raises LinAlgError, a ValueError
    if not imputation.scaler.scale.all():
        yield "a scale is 0"


def _check_noise_network(network: NoiseNetwork, _: Sizes) -> Iterator[str]:
    architecture = noise_architecture(len(network.network_inputs.source) + 1)
    if network.parameters.shape[2] != architecture.parameter_count:
        yield "the parameters do not fit the inputs"


def _check_quantiles(quantiles: EmpiricalQuantiles, _: Sizes) -> Iterator[str]:
    if (np.diff(quantiles.values, axis=1) < 0).any():
        yield "quantiles must ascend"


def _check_spread(spread: TargetSpread, _: Sizes) -> Iterator[str]:
    if spread.limits[0] > spread.limits[1]:
        yield "the limits are the wrong way round"


PROBLEMS: dict[type[Any], Callable[[Any, Sizes], Iterator[str]]] = {
    CategoryEncoding: _check_encoding,
    Classifier: _check_classifier,
    EmpiricalQuantiles: _check_quantiles,
    Ensemble: _check_ensemble,
    Imputation: _check_imputation,
    Mixture: _check_mixture,
    NetworkPart: _check_networks,
    NoiseNetwork: _check_noise_network,
    TargetSpread: _check_spread,
}
"""What no single field tells."""
