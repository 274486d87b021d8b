"""A checkpoint is a trained predictor with the report of its training, as bytes and back.

The bytes are a safetensors file: plain arrays behind a JSON header, nothing that could run code.
Equal specs give equal bytes, so no time of day is in them.
"""

import json
from dataclasses import asdict, dataclass, fields
from typing import Any, Generic, TypeVar

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from model.errors import CheckpointError, ModelError
from model.network import Architecture, Ensemble
from model.posterior import Posterior
from model.predictors import Classifier, NoiseNetwork, Regressor
from model.report import Report
from model.table import TRANSFORMS, CategoryEncoding, NetworkInputs, Scaler, Signature, Targets

FORMAT = 2
"""Raised when older code could no longer read what is written; newer code reads every older format."""

_HEADER = "scorecast"

Arrays = dict[str, np.ndarray[Any, Any]]


AnyPredictor = TypeVar("AnyPredictor", bound=Regressor | Classifier)


@dataclass(frozen=True, eq=False)
class Checkpoint(Generic[AnyPredictor]):
    """A trained predictor and the report of its training."""

    predictor: AnyPredictor
    report: Report

    def to_bytes(self) -> bytes:
        """Return the safetensors file."""
        predictor = self.predictor
        arrays = {"parameters": predictor.ensemble.parameters, "domain": predictor.domain}
        for name, part in _parts(predictor).items():
            arrays |= _name_arrays(name, part)
        header = {
            "format": FORMAT,
            "signature": asdict(predictor.signature),
            "architecture": asdict(predictor.ensemble.architecture),
            "report": self.report.to_json(),
        }
        if isinstance(predictor, Regressor):
            header["transforms"] = predictor.targets.transforms
        else:
            arrays["temperature"] = predictor.temperature
        return save(arrays, {_HEADER: json.dumps(header, allow_nan=False)})

    @staticmethod
    def from_bytes(data: bytes) -> "Checkpoint[Any]":
        """Read what `to_bytes` wrote. Raises `CheckpointError` if it is damaged or of a newer format."""
        try:
            header = json.loads(_metadata(data)[_HEADER])
            if header["format"] <= FORMAT:
                return _read_checkpoint(header, load(data))
        except _DAMAGE as error:
            raise CheckpointError(f"the checkpoint is damaged: {error}") from error
        raise CheckpointError(
            f"the checkpoint has format {header['format']}, this version of Scorecast reads up to {FORMAT}: "
            "it was written by a newer one"
        )


_DAMAGE = (ModelError, SafetensorError, AttributeError, KeyError, RecursionError, TypeError, ValueError)
"""What reading a damaged header may raise, or building what it describes."""


_STORED_NAMES = {"network_inputs": "encoding"}
"""Of members whose arrays have kept the names of format 1."""

Part = NetworkInputs | CategoryEncoding | Scaler | Posterior | NoiseNetwork


def _parts(predictor: Regressor | Classifier) -> dict[str, Part]:
    parts: dict[str, Part] = {
        "encoding": predictor.network_inputs,
        "expansion": predictor.category_encoding,
    }
    if isinstance(predictor, Regressor):
        parts |= {"targets": predictor.targets.scaler, "posterior": predictor.posterior}
        if predictor.noise_network is not None:
            parts["noise"] = predictor.noise_network
    return parts


def _name_arrays(name: str, part: Any) -> Arrays:
    """Name the arrays of a value that holds arrays and other such values."""
    arrays: Arrays = {}
    for field in fields(part):
        if (value := getattr(part, field.name)) is None:
            continue
        key = f"{name}.{_STORED_NAMES.get(field.name, field.name)}"
        arrays |= {key: value} if isinstance(value, np.ndarray) else _name_arrays(key, value)
    return arrays


def _metadata(data: bytes) -> dict[str, str]:
    # A safetensors file opens with its header: eight bytes of length, then JSON.
    length = int.from_bytes(data[:8], "little")
    metadata: dict[str, str] = json.loads(data[8 : 8 + length])["__metadata__"]
    return metadata


def _read_checkpoint(header: dict[str, Any], arrays: Arrays) -> Checkpoint[Any]:
    signature = Signature.from_dict(header["signature"])
    layer_sizes = tuple(header["architecture"].pop("layer_sizes"))
    architecture, parameters = Architecture(layer_sizes, **header["architecture"]), arrays["parameters"]
    if parameters.shape != (len(parameters), architecture.parameter_count):
        raise ValueError(f"parameters of shape {parameters.shape} do not fit layers of {layer_sizes} units")
    ensemble = Ensemble(architecture, parameters)
    build = _read_classifier if signature.is_classification else _read_regressor
    return Checkpoint(build(signature, ensemble, header, arrays), Report.from_json(header["report"]))


def _read_classifier(signature: Signature, ensemble: Ensemble, _: dict[str, Any], arrays: Arrays) -> Classifier:
    return Classifier(
        signature,
        CategoryEncoding(**_select("expansion", arrays)),
        NetworkInputs(**_select("encoding", arrays)),
        ensemble,
        arrays["temperature"],
        arrays["domain"],
    )


def _read_regressor(signature: Signature, ensemble: Ensemble, header: dict[str, Any], arrays: Arrays) -> Regressor:
    return Regressor(
        signature,
        ensemble,
        NetworkInputs(**_select("encoding", arrays)),
        Targets(signature.targets, Scaler(**_select("targets", arrays)), _read_transforms(header)),
        Posterior(**_select("posterior", arrays)),
        _read_noise_network(arrays),
        arrays["domain"],
        CategoryEncoding(**_select("expansion", arrays)),
    )


def _read_transforms(header: dict[str, Any]) -> tuple[str, ...]:
    names = tuple(header["transforms"])
    if not TRANSFORMS.keys() >= set(names):
        raise ValueError(f"an unknown transform is among {names}")
    return names


def _read_noise_network(arrays: Arrays) -> NoiseNetwork | None:
    if "noise.scale" not in arrays:
        return None
    network_inputs = NetworkInputs(**_select("noise.encoding", arrays))
    return NoiseNetwork(network_inputs, arrays["noise.parameters"], arrays["noise.scale"])


def _select(name: str, arrays: Arrays) -> Arrays:
    return {key.removeprefix(f"{name}."): array for key, array in arrays.items() if key.startswith(f"{name}.")}


__all__ = ["FORMAT", "Checkpoint", "Report"]
