"""A checkpoint is a trained predictor with the report of its training, as bytes and back.

The bytes are a safetensors file: plain arrays behind a JSON header, nothing that could run code.
Equal specs give equal bytes, so no time of day is in them.
"""

import json
from dataclasses import asdict, dataclass, fields
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from model.encoding import Encoding
from model.errors import CheckpointError
from model.network import Architecture, Ensemble
from model.noise_network import NoiseNetwork
from model.predictor import Predictor
from model.report import Report
from model.scaler import Scaler
from model.signature import Column, Signature
from model.targets import Targets
from model.uncertainty import Posterior

FORMAT = 1
"""Raised when older code could no longer read what is written; newer code reads every older format."""

_HEADER = "scorecast"


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A trained predictor and the report of its training."""

    predictor: Predictor
    report: Report

    def to_bytes(self) -> bytes:
        """Return the safetensors file."""
        predictor = self.predictor
        arrays = {"parameters": predictor.ensemble.parameters, "domain": predictor.domain}
        for name, part in _parts(predictor).items():
            arrays |= _arrays(name, part)
        header = {
            "format": FORMAT,
            "signature": asdict(predictor.signature),
            "transforms": predictor.targets.transforms,
            "architecture": asdict(predictor.ensemble.architecture),
            "report": self.report.to_json(),
        }
        return save(arrays, {_HEADER: json.dumps(header, allow_nan=False)})

    @staticmethod
    def from_bytes(data: bytes) -> "Checkpoint":
        """Read what `to_bytes` wrote. Raises `CheckpointError` if it is damaged or of a newer format."""
        try:
            header = json.loads(_metadata(data)[_HEADER])
            if header["format"] > FORMAT:
                raise CheckpointError(
                    f"the checkpoint has format {header['format']}, this version of Scorecast reads up to {FORMAT}: "
                    "it was written by a newer one"
                )
            return _checkpoint(header, load(data))
        except (SafetensorError, KeyError, TypeError, ValueError) as error:
            raise CheckpointError(f"the checkpoint is damaged: {error}") from error


def _parts(predictor: Predictor) -> dict[str, Encoding | Scaler | Posterior | NoiseNetwork]:
    parts: dict[str, Encoding | Scaler | Posterior | NoiseNetwork] = {
        "encoding": predictor.encoding,
        "targets": predictor.targets.scaler,
        "posterior": predictor.posterior,
    }
    return parts if predictor.noise_network is None else {**parts, "noise": predictor.noise_network}


def _arrays(name: str, part: Any) -> dict[str, np.ndarray[Any, Any]]:
    """Name the arrays of a value that holds arrays and other such values."""
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    for field in fields(part):
        value = getattr(part, field.name)
        key = f"{name}.{field.name}"
        arrays |= {key: value} if isinstance(value, np.ndarray) else _arrays(key, value)
    return arrays


def _metadata(data: bytes) -> dict[str, str]:
    # A safetensors file opens with its header: eight bytes of length, then JSON.
    length = int.from_bytes(data[:8], "little")
    metadata: dict[str, str] = json.loads(data[8 : 8 + length])["__metadata__"]
    return metadata


def _checkpoint(header: dict[str, Any], arrays: dict[str, np.ndarray[Any, Any]]) -> Checkpoint:
    signature = Signature(
        *(tuple(Column(**column) for column in header["signature"][side]) for side in ("features", "targets"))
    )
    layer_sizes = tuple(header["architecture"].pop("layer_sizes"))
    targets = Targets(signature.targets, Scaler(**_part("targets", arrays)), tuple(header["transforms"]))
    predictor = Predictor(
        signature,
        Ensemble(Architecture(layer_sizes, **header["architecture"]), arrays["parameters"]),
        Encoding(**_part("encoding", arrays)),
        targets,
        Posterior(**_part("posterior", arrays)),
        _noise_network(arrays),
        arrays["domain"],
    )
    return Checkpoint(predictor, Report.from_json(header["report"]))


def _noise_network(arrays: dict[str, np.ndarray[Any, Any]]) -> NoiseNetwork | None:
    if "noise.scale" not in arrays:
        return None
    encoding = Encoding(**_part("noise.encoding", arrays))
    return NoiseNetwork(encoding, arrays["noise.parameters"], arrays["noise.scale"])


def _part(name: str, arrays: dict[str, np.ndarray[Any, Any]]) -> dict[str, np.ndarray[Any, Any]]:
    return {key.removeprefix(f"{name}."): array for key, array in arrays.items() if key.startswith(f"{name}.")}


__all__ = ["FORMAT", "Checkpoint", "Report"]
