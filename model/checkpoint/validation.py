"""Validation: the arrays of a predictor fit together, are of the right type, and hold numbers that can be computed with.

Each field has a rule. A shape names sizes, and a name that occurs twice must be the same size twice: `columns`, `features`
and `targets` everywhere, all others within the value that they stand in.
"""

from collections.abc import Callable, Iterator, Mapping
from itertools import accumulate
from typing import Any

import numpy as np

from model.checkpoint.rules import Array, Numbers, Rule, Sizes, Value, is_finite_or_nan, is_not_negative, is_number, is_positive
from model.checkpoint.values import CANDIDATES
from model.network import Ensemble
from model.posterior import Posterior
from model.predictors import (
    EXTRA_COLUMNS,
    CandidatePart,
    Classifier,
    ConstantPart,
    EmpiricalQuantiles,
    Mixture,
    NetworkPart,
    NoiseNetwork,
    Regressor,
    SpreadModel,
    StudentQuantiles,
    TargetSpread,
    noise_architecture,
)
from model.table import CategoryEncoding, Imputation, LevelEffects, NetworkInputs, Scaler


def check(predictor: Regressor | Classifier, *, must_be_finite: bool) -> None:
    """Raise ValueError if a predictor's arrays do not fit together, or hold numbers out of range (if that matters)."""
    signature, encoding = predictor.signature, predictor.category_encoding
    outputs = len(signature.targets[0].categories) or len(signature.targets)
    known = {"features": len(signature.features), "columns": np.size(encoding.source), "targets": outputs}
    sizes = Sizes(known, must_be_finite)
    for name in ("category_encoding", "domain"):
        _MEMBERS[name].check(getattr(predictor, name), sizes.within(), name)
    if isinstance(predictor, Classifier):
        _CLASSIFIER.check(predictor, sizes, "classifier")
        return
    _MEMBERS["scaler"].check(predictor.targets.scaler, sizes.within(columns=outputs), "scaler")
    for name in ("mixture", "effects"):
        _MEMBERS[name].check(getattr(predictor, name), sizes.within(), name)


def _check_fields(value: Any, sizes: Sizes, name: str) -> None:
    inside = sizes.within(**_SCOPES.get(type(value), _same)(value, sizes))
    for field, rule in _RULES[type(value)].items():
        rule.check(getattr(value, field), inside, f"{name}.{field}")
    for problem in _PROBLEMS.get(type(value), _no_problems)(value, inside):
        raise ValueError(f"{name}: {problem}")


def _same(_: Any, __: Sizes) -> dict[str, int]:
    return {}


def _no_problems(_: Any, __: Sizes) -> Iterator[str]:
    return iter(())


def _one(*kinds: type[Any], **more: Any) -> Value:
    return Value(kinds, _check_fields, **more)


def _problems_of_ensemble(ensemble: Ensemble, _: Sizes) -> Iterator[str]:
    if ensemble.parameters.shape[1] != ensemble.architecture.parameter_count:
        yield f"parameters of shape {ensemble.parameters.shape} do not fit {ensemble.architecture.layer_sizes} units"


def _problems_of_networks(part: NetworkPart, sizes: Sizes) -> Iterator[str]:
    architecture, factor = part.ensemble.architecture, part.posterior.factor
    inputs = len(part.network_inputs.source) if part.rotation is None else part.rotation.shape[1]
    yield from _problems_of_layers(architecture.layer_sizes, inputs, sizes.known["targets"])
    if part.rotation is not None and len(part.rotation) != len(part.network_inputs.source):
        yield "the rotation does not fit the inputs"
    if len(factor) != len(part.ensemble.parameters):
        yield "there are not as many posteriors as networks"
    layers = [rows * units for rows, units in reversed(architecture.blocks)]
    if factor.shape[2] not in accumulate(layers):
        yield "the posterior does not cover whole layers"


def _problems_of_classifier(classifier: Classifier, sizes: Sizes) -> Iterator[str]:
    sizes_of_layers = classifier.ensemble.architecture.layer_sizes
    yield from _problems_of_layers(sizes_of_layers, len(classifier.network_inputs.source), sizes.known["targets"])


def _problems_of_layers(layer_sizes: tuple[int, ...], inputs: int, outputs: int) -> Iterator[str]:
    if (layer_sizes[0], layer_sizes[-1]) != (inputs, outputs):
        yield f"layers of {layer_sizes} units do not lead from {inputs} inputs to {outputs} outputs"


def _problems_of_mixture(mixture: Mixture, _: Sizes) -> Iterator[str]:
    if np.abs(mixture.weights.sum(axis=0) - 1.0).max() > WEIGHT_TOLERANCE or not mixture.weights.any(axis=1).all():
        yield "the weights of a target do not sum to 1, or a part has none"
    for part, weights in zip(mixture.parts, mixture.weights, strict=True):
        if isinstance(part, CandidatePart) and any(map(_is_without, part.fitted, weights)):
            yield "a part has weight for a target that it does not know"


def _is_without(fitted: Any, weight: float) -> bool:
    return fitted is None and weight > 0


def _problems_of_encoding(encoding: CategoryEncoding, _: Sizes) -> Iterator[str]:
    if (np.diff(encoding.source) < 0).any():
        yield "the columns are not in the order of the features"


def _problems_of_imputation(imputation: Imputation, _: Sizes) -> Iterator[str]:
    if imputation.correlation is not None:
        np.linalg.cholesky(imputation.correlation)  # it raises LinAlgError, a ValueError
    if not imputation.scaler.scale.all():
        yield "a scale is 0"


def _problems_of_noise_network(network: NoiseNetwork, _: Sizes) -> Iterator[str]:
    architecture = noise_architecture(len(network.network_inputs.source) + 1)
    if network.parameters.shape[2] != architecture.parameter_count:
        yield "the parameters do not fit the inputs"


def _problems_of_quantiles(quantiles: EmpiricalQuantiles, _: Sizes) -> Iterator[str]:
    if (np.diff(quantiles.values, axis=1) < 0).any():
        yield "quantiles must ascend"


def _problems_of_spread(spread: TargetSpread, _: Sizes) -> Iterator[str]:
    if spread.limits[0] > spread.limits[1]:
        yield "the limits are the wrong way round"


WEIGHT_TOLERANCE = 1e-6
_FLOATS = ("float64", "float32")

_RULES: dict[type[Any], Mapping[str, Rule]] = {
    CategoryEncoding: {
        "source": Numbers("columns", "features"),
        "code": Array("columns", is_finite_or_nan),
        "fill": Array("features", is_finite_or_nan),
        "imputation": _one(Imputation, is_optional=True),
    },
    Imputation: {
        "scaler": _one(Scaler),
        "correlation": Array("columns columns", is_optional=True),
        "donors": Array("donors columns"),
    },
    LevelEffects: {
        "feature": Numbers("1", "features"),
        "location": Array("levels targets"),
        "variance": Array("levels targets", is_not_negative),
        "unseen_scale": Array("targets", is_positive),
        "unseen_dof": Array("targets", is_positive),
    },
    NetworkInputs: {
        "source": Numbers("inputs", "columns"),
        "low": Array("inputs", is_number),
        "high": Array("inputs", is_number),
        "offset": Array("inputs"),
        "scale": Array("inputs"),
    },
    Scaler: {"offset": Array("columns"), "scale": Array("columns")},
    Ensemble: {"parameters": Array("members parameters")},
    Posterior: {
        "factor": Array("members rank* covered", dtypes=_FLOATS),
        "noise": Array("members targets", is_not_negative),
        "prior": Array("members covered", is_not_negative, is_optional=True),
    },
    ConstantPart: {"location": Array("targets"), "variance": Array("targets", is_not_negative)},
    NetworkPart: {
        "network_inputs": _one(NetworkInputs),
        "rotation": Array("inputs components", is_optional=True),
        "ensemble": _one(Ensemble),
        "posterior": _one(Posterior),
    },
    Classifier: {
        "network_inputs": _one(NetworkInputs),
        "ensemble": _one(Ensemble),
        "temperature": Array("1", is_positive),
    },
    CandidatePart: {
        "inputs": _one(NetworkInputs, is_optional=True),
        "fitted": _one(*CANDIDATES, is_optional=True, count="targets"),
        "variance": Array("targets", is_not_negative),
    },
    Mixture: {
        "parts": _one(ConstantPart, NetworkPart, CandidatePart, count="parts"),
        "weights": Array("parts targets", is_not_negative),
        "scales": Array("parts targets", is_not_negative),
        "spread": _one(SpreadModel, NoiseNetwork, is_optional=True),
        "quantiles": _one(StudentQuantiles, EmpiricalQuantiles),
    },
    SpreadModel: {"targets": _one(TargetSpread, is_optional=True, count="targets")},
    TargetSpread: {
        "inputs": _one(NetworkInputs),
        "candidates": _one(*CANDIDATES, count="candidates*"),
        "weights": Array("candidates*"),
        "base": Array("1"),
        "floor": Array("1", is_positive),
        "limits": Array("2"),
    },
    NoiseNetwork: {
        "network_inputs": _one(NetworkInputs),
        "parameters": Array("targets members parameters"),
        "scale": Array("targets"),
    },
    StudentQuantiles: {"scale": Array("targets", is_finite_or_nan), "dof": Array("targets", is_positive)},
    EmpiricalQuantiles: {"values": Array("targets 39", is_finite_or_nan), "dof": Array("targets 2", is_positive)},
}

_MEMBERS: dict[str, Rule] = {
    "category_encoding": _one(CategoryEncoding),
    "domain": Array("2 columns"),
    "effects": _one(LevelEffects, count="effects*"),
    "mixture": _one(Mixture),
    "scaler": _one(Scaler),
}

_CLASSIFIER = _one(Classifier)

_SCOPES: dict[type[Any], Callable[[Any, Sizes], dict[str, int]]] = {
    CandidatePart: lambda part, sizes: {"read": sizes.known["columns"] if part.inputs is None else np.size(part.inputs.source)},
    TargetSpread: lambda spread, sizes: {
        "columns": sizes.known["columns"] + EXTRA_COLUMNS,
        "read": np.size(spread.inputs.source),
    },
}
"""Sizes that fields of a value know by a name of their own."""

_PROBLEMS: dict[type[Any], Callable[[Any, Sizes], Iterator[str]]] = {
    CategoryEncoding: _problems_of_encoding,
    Classifier: _problems_of_classifier,
    EmpiricalQuantiles: _problems_of_quantiles,
    Ensemble: _problems_of_ensemble,
    Imputation: _problems_of_imputation,
    Mixture: _problems_of_mixture,
    NetworkPart: _problems_of_networks,
    NoiseNetwork: _problems_of_noise_network,
    TargetSpread: _problems_of_spread,
}
"""What no single field tells."""
