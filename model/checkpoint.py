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
from model.predictor import Predictor
from model.report import Report
from model.scaler import Scaler
from model.signature import Column, Signature
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
            arrays |= {f"{name}.{field.name}": getattr(part, field.name) for field in fields(part)}
        header = {
            "format": FORMAT,
            "signature": asdict(predictor.signature),
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


def _parts(predictor: Predictor) -> dict[str, Encoding | Scaler | Posterior]:
    return {"encoding": predictor.encoding, "targets": predictor.targets, "posterior": predictor.posterior}


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
    predictor = Predictor(
        signature,
        Ensemble(Architecture(layer_sizes, **header["architecture"]), arrays["parameters"]),
        Encoding(**_part("encoding", arrays)),
        Scaler(**_part("targets", arrays)),
        Posterior(**_part("posterior", arrays)),
        arrays["domain"],
    )
    return Checkpoint(predictor, Report.from_json(header["report"]))


def _part(name: str, arrays: dict[str, np.ndarray[Any, Any]]) -> dict[str, np.ndarray[Any, Any]]:
    return {key.removeprefix(f"{name}."): array for key, array in arrays.items() if key.startswith(f"{name}.")}


__all__ = ["FORMAT", "Checkpoint", "Report"]
