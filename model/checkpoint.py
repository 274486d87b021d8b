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

from model.classifier import Classifier
from model.domain import Domain
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

    predictor: Predictor | Classifier
    report: Report

    def to_bytes(self) -> bytes:
        """Return the safetensors file."""
        predictor = self.predictor
        header = {
            "format": FORMAT,
            "signature": asdict(predictor.signature),
            "transforms": [] if isinstance(predictor, Classifier) else predictor.targets.transforms,
            "architecture": asdict(predictor.ensemble.architecture),
            "report": self.report.to_json(),
        }
        return save(_arrays("", predictor), {_HEADER: json.dumps(header, allow_nan=False)})

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


def _arrays(name: str, part: Any) -> dict[str, np.ndarray[Any, Any]]:
    """Return the arrays of a value, and of the values it is made of, named by the way to them."""
    arrays: dict[str, np.ndarray[Any, Any]] = {}
    for field in fields(part):
        value, key = getattr(part, field.name), f"{name}{field.name}"
        if isinstance(value, np.ndarray):
            arrays[key] = value
        elif isinstance(value, Encoding | Ensemble | Domain | NoiseNetwork | Posterior | Scaler | Targets):
            arrays |= _arrays(f"{key}.", value)
    return arrays


def _metadata(data: bytes) -> dict[str, str]:
    # A safetensors file opens with its header: eight bytes of length, then JSON.
    length = int.from_bytes(data[:8], "little")
    metadata: dict[str, str] = json.loads(data[8 : 8 + length])["__metadata__"]
    return metadata


def _checkpoint(header: dict[str, Any], arrays: dict[str, np.ndarray[Any, Any]]) -> Checkpoint:
    signature = Signature(
        *(tuple(_column(column) for column in header["signature"][side]) for side in ("features", "targets"))
    )
    layer_sizes = tuple(header["architecture"].pop("layer_sizes"))
    architecture = Architecture(layer_sizes, **header["architecture"])
    ensemble = Ensemble(architecture, arrays["ensemble.parameters"])
    encoding, domain = Encoding(**_part("encoding", arrays)), Domain(**_part("domain", arrays))
    report = Report.from_json(header["report"])
    if signature.classifies:
        return Checkpoint(Classifier(signature, ensemble, encoding, arrays["temperature"], domain), report)
    targets = Targets(signature.targets, Scaler(**_part("targets.scaler", arrays)), tuple(header["transforms"]))
    posterior = Posterior(**_part("posterior", arrays))
    return Checkpoint(
        Predictor(signature, ensemble, encoding, targets, posterior, _noise_network(arrays), domain), report
    )


def _column(members: dict[str, Any]) -> Column:
    return Column(**{**members, "categories": tuple(members["categories"])})


def _noise_network(arrays: dict[str, np.ndarray[Any, Any]]) -> NoiseNetwork | None:
    if "noise_network.scale" not in arrays:
        return None
    encoding = Encoding(**_part("noise_network.encoding", arrays))
    return NoiseNetwork(encoding, arrays["noise_network.parameters"], arrays["noise_network.scale"])


def _part(name: str, arrays: dict[str, np.ndarray[Any, Any]]) -> dict[str, np.ndarray[Any, Any]]:
    return {key.removeprefix(f"{name}."): array for key, array in arrays.items() if key.startswith(f"{name}.")}


__all__ = ["FORMAT", "Checkpoint", "Report"]
