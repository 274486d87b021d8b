"""A checkpoint is a trained predictor with the report of its training, as bytes and back.

The bytes are a safetensors file: plain arrays behind a JSON header, nothing that could run code.
Equal specs give equal bytes, so no time of day is in them.
"""

import json
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from model.errors import CheckpointError
from model.network import Architecture
from model.predictor import Predictor
from model.scaler import Scaler
from model.scores import Scores
from model.signature import Column, Signature

FORMAT = 1
"""Raised when older code could no longer read what is written; newer code reads every older format."""

_HEADER = "scorecast"


@dataclass(frozen=True)
class Report:
    """What a training did and how well the result does."""

    trainer: dict[str, Any]
    network: dict[str, Any]
    seed: int
    rows: int
    epochs: int
    """Of all the ensemble's networks together."""
    stopped_because: str
    loss: float
    """Mean squared error in scaled units, of the ensemble's best network."""
    scores: dict[str, Scores]
    """For each target, on the training rows, in the target's units."""
    learning_curve: tuple[tuple[int, float], ...]
    """(epoch, loss) of the ensemble's best network."""
    warnings: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A trained predictor and the report of its training."""

    predictor: Predictor
    report: Report

    def to_bytes(self) -> bytes:
        """Return the safetensors file."""
        predictor = self.predictor
        arrays = {
            "parameters": predictor.parameters,
            "features.offset": predictor.features.offset,
            "features.scale": predictor.features.scale,
            "targets.offset": predictor.targets.offset,
            "targets.scale": predictor.targets.scale,
        }
        header = {
            "format": FORMAT,
            "signature": asdict(predictor.signature),
            "architecture": asdict(predictor.architecture),
            "report": asdict(self.report),
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
        Architecture(layer_sizes, **header["architecture"]),
        arrays["parameters"],
        Scaler(arrays["features.offset"], arrays["features.scale"]),
        Scaler(arrays["targets.offset"], arrays["targets.scale"]),
    )
    report = header["report"]
    curve = tuple((epoch, loss) for epoch, loss in report.pop("learning_curve"))
    return Checkpoint(predictor, Report(**{**report, "learning_curve": curve, "warnings": tuple(report["warnings"])}))
