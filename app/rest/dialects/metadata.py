"""What the Open Inference Protocol tells of a model: the tensors that it reads and answers with."""

from collections.abc import Iterator
from typing import Any

from app.registry import Registry
from app.rest.dialects.open_inference import EXTRAPOLATED, FEATURES, takes_one_tensor
from model.table import Column, Signature

PLATFORM = "scorecast_mixture"


def describe_model(name: str, versions: list[int], signature: Signature) -> dict[str, Any]:
    """Return a model's metadata: one tensor for all features where they are numbers, else one for each."""
    inputs = [_tensor(column.name, _datatype(column), [-1]) for column in signature.features]
    if takes_one_tensor(signature):
        inputs = [_tensor(FEATURES, "FP64", [-1, len(signature.features)])]
    return {
        "name": name,
        "versions": [str(number) for number in versions],
        "platform": PLATFORM,
        "inputs": inputs,
        "outputs": _outputs(signature),
    }


def list_versions(registry: Registry) -> Iterator[tuple[str, int]]:
    """Yield the name of each model with the number of each of its versions."""
    for state in map(registry.state, registry.names()):
        yield from ((state.name, number) for number in sorted(state.versions))


def _outputs(signature: Signature) -> list[dict[str, Any]]:
    outputs = []
    for column in signature.targets:
        outputs.append(_tensor(column.name, _datatype(column), [-1]))
        if column.is_category:
            outputs.append(_tensor(f"{column.name}_probabilities", "FP64", [-1, len(column.categories)]))
        else:
            outputs += [_tensor(f"{column.name}_{side}", "FP64", [-1]) for side in ("lower", "upper")]
    return [*outputs, _tensor(EXTRAPOLATED, "BOOL", [-1])]


def _datatype(column: Column) -> str:
    return "FP64" if column.kind == "number" else "BYTES"


def _tensor(name: str, datatype: str, shape: list[int]) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": shape}
