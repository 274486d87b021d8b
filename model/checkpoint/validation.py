"""Validation: the arrays of a predictor fit together, are of the right type, and hold numbers that can be computed with.

Each field has a rule. A shape names sizes, and a name that occurs twice must be the same size twice: `columns`, `features`
and `targets` everywhere, all others within the value that they stand in.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from model.candidates import ClassTrees, KernelMachine, ObliviousTrees, Ridge
from model.checkpoint.consistency import PROBLEMS, SCOPES
from model.checkpoint.rules import (
    Array,
    Numbers,
    Rule,
    Sizes,
    Value,
    is_dof,
    is_finite_or_nan,
    is_not_negative,
    is_not_negative_or_nan,
    is_number,
    is_positive,
)
from model.checkpoint.values import CANDIDATES
from model.network import Ensemble
from model.posterior import Posterior
from model.predictors import (
    CandidatePart,
    Classifier,
    ClassMixture,
    ClassNetworks,
    ClassShares,
    ClassTreesPart,
    ConstantPart,
    EmpiricalQuantiles,
    Mixture,
    NetworkPart,
    NoiseNetwork,
    Regressor,
    SpreadModel,
    StudentQuantiles,
    TargetSpread,
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
        _one(ClassMixture).check(predictor.mixture, sizes.within(), "mixture")
        return
    _MEMBERS["scaler"].check(predictor.targets.scaler, sizes.within(columns=outputs), "scaler")
    for name in ("mixture", "effects"):
        _MEMBERS[name].check(getattr(predictor, name), sizes.within(), name)


def _check_fields(value: Any, sizes: Sizes, name: str) -> None:
    scope = SCOPES.get(type(value))
    inside = sizes.within(**(scope(value, sizes) if scope else {}))
    for field, rule in _RULES[type(value)].items():
        rule.check(getattr(value, field), inside, f"{name}.{field}")
    for problem in PROBLEMS.get(type(value), _no_problems)(value, inside):
        raise ValueError(f"{name}: {problem}")


def _no_problems(_: Any, __: Sizes) -> Iterator[str]:
    return iter(())


def _one(*kinds: type[Any], **more: Any) -> Value:
    return Value(kinds, _check_fields, **more)


_FLOATS = ("float64", "float32")

_RULES: dict[type[Any], Mapping[str, Rule]] = {
    CategoryEncoding: {
        "source": Numbers("columns*", "features"),
        "code": Array("columns*", is_finite_or_nan),
        "fill": Array("features", is_finite_or_nan),
        "imputation": _one(Imputation, is_optional=True),
        "blanks": Array("features", is_not_negative, is_optional=True),
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
        "unseen_dof": Array("targets", is_dof),
    },
    NetworkInputs: {
        "source": Numbers("inputs", "columns"),
        "low": Array("inputs", is_number),
        "high": Array("inputs", is_number),
        "offset": Array("inputs"),
        "scale": Array("inputs", is_positive),
    },
    Scaler: {"offset": Array("columns"), "scale": Array("columns", is_not_negative)},
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
    ClassMixture: {
        "parts": _one(ClassShares, ClassNetworks, ClassTreesPart, count="parts"),
        "weights": Array("parts", is_not_negative),
        "temperatures": Array("parts", is_positive),
    },
    ClassShares: {"log_shares": Array("targets")},
    ClassNetworks: {"network_inputs": _one(NetworkInputs), "ensemble": _one(Ensemble)},
    ClassTreesPart: {"trees": _one(ClassTrees)},
    ClassTrees: {
        "columns": Numbers("trees* depth", "columns"),
        "thresholds": Array("trees* depth", is_number),
        "values": Array("outputs trees* leaves", dtypes=("float32",)),
        "start": Array("outputs"),
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
    ObliviousTrees: {
        "columns": Numbers("trees* depth", "read"),
        "thresholds": Array("trees* depth", is_number),
        "values": Array("trees* leaves", dtypes=("float32",)),
        "offset": Array("1"),
        "scale": Array("1"),
    },
    KernelMachine: {
        "center": Array("read"),
        "metric": Array("read"),
        "support": Array("rows read"),
        "weights": Array("rows"),
        "offset": Array("1"),
        "unit": Array("1"),
    },
    Ridge: {
        "center": Array("read"),
        "scale": Array("read", is_positive),
        "slopes": Array("read"),
        "intercept": Array("1"),
        "unit": Array("1"),
    },
    StudentQuantiles: {"scale": Array("targets", is_not_negative_or_nan), "dof": Array("targets", is_dof)},
    EmpiricalQuantiles: {"values": Array("targets 39", is_finite_or_nan), "dof": Array("targets 2", is_dof)},
}

_MEMBERS: dict[str, Rule] = {
    "category_encoding": _one(CategoryEncoding),
    "domain": Array("2 columns*"),
    "effects": _one(LevelEffects, count="effects*"),
    "mixture": _one(Mixture),
    "scaler": _one(Scaler),
}
