"""Exports: a version's weights in formats that others read."""

import io
import zipfile
from collections.abc import Callable
from typing import Any, Literal, NamedTuple

import numpy as np

from model.checkpoint import Checkpoint
from model.network import Network

ExportFormat = Literal["safetensors", "txt"]


def _text(checkpoint: Checkpoint[Any]) -> bytes:
    """Return a zip of `w1.txt`, `b1.txt`, `w2.txt`, ... as numpy.savetxt writes them; a folder a member, if there are several."""
    members = checkpoint.predictor.ensemble.members
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number, network in enumerate(members, 1):
            folder = f"member-{number}/" if len(members) > 1 else ""
            for name, text in _layers(network):
                entry = zipfile.ZipInfo(folder + name)  # without a time of day: equal weights make equal bytes
                entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
                archive.writestr(entry, text)
    return file.getvalue()


def _layers(network: Network) -> list[tuple[str, str]]:
    texts: list[tuple[str, str]] = []
    for number, (weights, bias) in enumerate(network.layers, 1):
        for letter, values in (("w", weights), ("b", bias)):
            if values is not None:
                text = io.StringIO()
                np.savetxt(text, values, fmt="%.18e")
                texts.append((f"{letter}{number}.txt", text.getvalue()))
    return texts


class Export(NamedTuple):
    """One format."""

    media_type: str
    suffix: str
    write: Callable[[Checkpoint[Any]], bytes]


EXPORTS: dict[ExportFormat, Export] = {
    "safetensors": Export("application/octet-stream", "safetensors", Checkpoint.to_bytes),
    "txt": Export("application/zip", "zip", _text),
}
