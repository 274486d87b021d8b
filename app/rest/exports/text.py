"""A version's weights as text that `numpy.loadtxt` reads."""

import io
import zipfile
from collections.abc import Iterator
from typing import Any

import numpy as np

from model.arrays import FloatArray
from model.checkpoint import Checkpoint
from model.network import Ensemble, Network
from model.predictors import (
    CandidatePart,
    ClassMixture,
    ClassNetworks,
    ClassShares,
    ClassTreesPart,
    ConstantPart,
    Mixture,
    NetworkPart,
    Regressor,
)


def to_text(checkpoint: Checkpoint[Any]) -> bytes:
    """Return a zip of `w1.txt`, `b1.txt`, `w2.txt`, ... as numpy.savetxt writes them; a folder a member, if there are several.

    Of a mixture that is the networks, in a folder for each part of them, and a `README.txt` that says what is left out.
    """
    predictor = checkpoint.predictor
    mixture = predictor.mixture
    texts = _mixture(mixture, _explain(mixture) if isinstance(predictor, Regressor) else _explain_classes(mixture))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, text in texts:
            entry = zipfile.ZipInfo(name)  # without a time of day: equal weights make equal bytes
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, text)
    return file.getvalue()


def _ensemble(ensemble: Ensemble, folder: str = "") -> list[tuple[str, str]]:
    members = ensemble.members
    folders = [f"{folder}member-{number}/" if len(members) > 1 else folder for number in range(1, len(members) + 1)]
    return [
        (into + name, text) for into, network in zip(folders, members, strict=True) for name, text in _layers(network)
    ]


def _mixture(mixture: Mixture | ClassMixture, explained: Iterator[str]) -> list[tuple[str, str]]:
    first = mixture.parts[0]
    if len(mixture.parts) == 1 and isinstance(first, NetworkPart | ClassNetworks):
        return _ensemble(first.ensemble)
    texts = [("README.txt", "\n".join(explained) + "\n")]
    for number, part in enumerate(mixture.parts, 1):
        if isinstance(part, NetworkPart | ClassNetworks):
            texts += _ensemble(part.ensemble, f"part-{number}/")
            if isinstance(part, NetworkPart) and part.rotation is not None:
                texts.append((f"part-{number}/rotation.txt", _matrix(part.rotation)))
    return texts


def _explain(mixture: Mixture) -> Iterator[str]:
    """Say what each part is and what of it is here."""
    yield "This model is a mixture: its prediction is the weighted sum of what its parts predict, in scaled units."
    for number, (part, weights) in enumerate(zip(mixture.parts, mixture.weights.tolist(), strict=True), 1):
        where = f"in part-{number}/" if isinstance(part, NetworkPart) else "left out"
        yield f"part {number}: {_WORDS[type(part)]}, weight {', '.join(f'{weight:.6g}' for weight in weights)}: {where}"
    yield "Also left out: the scaling of features and targets, and all that intervals are made from."
    yield "The export as safetensors holds everything."


def _explain_classes(mixture: ClassMixture) -> Iterator[str]:
    """Say what each part is and what of it is here."""
    yield "This model is a mixture: each class has the weighted sum of the probabilities that the parts give it."
    yield "A part's probabilities are the softmax of its logits, divided by its temperature; those of several networks are averaged."
    parts = zip(mixture.parts, mixture.weights.tolist(), mixture.temperatures.tolist(), strict=True)
    for number, (part, weight, temperature) in enumerate(parts, 1):
        where = f"in part-{number}/" if isinstance(part, ClassNetworks) else "left out"
        yield f"part {number}: {_WORDS[type(part)]}, weight {weight:.6g}, temperature {temperature:.6g}: {where}"
    yield "Also left out: the scaling of features."
    yield "The export as safetensors holds everything."


_WORDS = {
    CandidatePart: "trees, a kernel machine or a line",
    ClassNetworks: "neural networks",
    ClassShares: "how frequent each class is",
    ClassTreesPart: "trees",
    ConstantPart: "the mean of the training rows",
    NetworkPart: "neural networks",
}


def _layers(network: Network) -> list[tuple[str, str]]:
    texts: list[tuple[str, str]] = []
    for number, (weights, bias) in enumerate(network.layers, 1):
        for letter, values in (("w", weights), ("b", bias)):
            if values is not None:
                texts.append((f"{letter}{number}.txt", _matrix(values)))
    return texts


def _matrix(values: FloatArray) -> str:
    text = io.StringIO()
    np.savetxt(text, values, fmt="%.18e")
    return text.getvalue()
