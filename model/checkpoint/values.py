"""Values as JSON with their arrays beside it: a frozen dataclass is its kind and its fields, a tuple a list of such.

Only the kinds of the table below can come out of a file.
"""

from dataclasses import asdict, fields
from typing import Any

import numpy as np

from model.candidates import ClassTrees, KernelMachine, ObliviousTrees, Ridge
from model.network import Architecture, Ensemble
from model.posterior import Posterior
from model.predictors import (
    CandidatePart,
    ClassMixture,
    ClassNetworks,
    ClassShares,
    ClassTreesPart,
    ConstantPart,
    EmpiricalQuantiles,
    Mixture,
    NetworkPart,
    NoiseNetwork,
    SpreadModel,
    StudentQuantiles,
    TargetSpread,
)
from model.table import CategoryEncoding, Imputation, LevelEffects, NetworkInputs, Scaler

KINDS: dict[str, type[Any]] = {
    "candidate": CandidatePart,
    "category_encoding": CategoryEncoding,
    "class_mixture": ClassMixture,
    "class_networks": ClassNetworks,
    "class_shares": ClassShares,
    "class_trees": ClassTrees,
    "class_trees_part": ClassTreesPart,
    "constant": ConstantPart,
    "empirical_quantiles": EmpiricalQuantiles,
    "ensemble": Ensemble,
    "imputation": Imputation,
    "kernel_machine": KernelMachine,
    "level_effects": LevelEffects,
    "mixture": Mixture,
    "network_inputs": NetworkInputs,
    "networks": NetworkPart,
    "noise_network": NoiseNetwork,
    "oblivious_trees": ObliviousTrees,
    "posterior": Posterior,
    "ridge": Ridge,
    "scaler": Scaler,
    "spread_model": SpreadModel,
    "student_quantiles": StudentQuantiles,
    "target_spread": TargetSpread,
}
"""What a value is called in a file."""

CANDIDATES: tuple[type[Any], ...] = (ObliviousTrees, KernelMachine, Ridge)
"""What stands in a `CandidatePart` and in a spread model."""

_NAMES = {kind: name for name, kind in KINDS.items()}
_ARRAY, _ARCHITECTURE = "array", "architecture"


Arrays = dict[str, np.ndarray[Any, Any]]
"""Arrays by the path of the field that holds each."""


def pack(value: Any, path: str, arrays: Arrays) -> Any:
    """Return a value as what JSON can hold, and put its arrays, named by their paths, beside it."""
    if value is None:
        return None
    if isinstance(value, np.ndarray):
        arrays[path] = value
        return _ARRAY
    if isinstance(value, tuple):
        return [pack(each, f"{path}.{number}", arrays) for number, each in enumerate(value)]
    if isinstance(value, Architecture):
        return {"kind": _ARCHITECTURE, **asdict(value)}
    members = {field.name: pack(getattr(value, field.name), f"{path}.{field.name}", arrays) for field in fields(value)}
    return {"kind": _NAMES[type(value)], **members}


def unpack(node: Any, path: str, arrays: Arrays) -> Any:
    """Return the value that a node describes, and take its arrays. Raises KeyError, TypeError or ValueError for others."""
    if node is None:
        return None
    if node == _ARRAY:
        return arrays.pop(path)
    if isinstance(node, list):
        return tuple(unpack(each, f"{path}.{number}", arrays) for number, each in enumerate(node))
    if not isinstance(node, dict):
        raise ValueError(f"{path} is neither an array nor a value")
    members = dict(node)
    kind = members.pop("kind")
    if kind == _ARCHITECTURE:
        return read_architecture(members)
    return KINDS[kind](**{name: unpack(each, f"{path}.{name}", arrays) for name, each in members.items()})


def read_architecture(members: dict[str, Any]) -> Architecture:
    """Return an architecture from what `asdict` was called on. Raises ValueError for sizes that are no whole numbers."""
    sizes = tuple(members["layer_sizes"])
    if not all(type(size) is int for size in sizes) or not isinstance(members["bias"], bool):
        raise ValueError(f"layers of {sizes} units, bias {members['bias']!r}")
    return Architecture(**{**members, "layer_sizes": sizes})
