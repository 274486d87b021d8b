"""Limits of an upload: what of it is read at all, and what a version may take to answer, as no training vouches for it."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from app.budget import MAX_MEDIUM_OPERATIONS
from app.errors import BodyError, BodyTooLarge, InvalidBody
from model.candidates import ClassTrees, KernelMachine, ObliviousTrees
from model.checkpoint import Report
from model.network import Ensemble
from model.predictors import Classifier, NoiseNetwork, Regressor, TargetSpread

MAX_HEADER_BYTES, MAX_HEADER_VALUES = 32 * 1024 * 1024, 400_000
"""Of the JSON in front of a checkpoint's arrays: more than the widest table with the most categories comes to."""

MAX_REPORT_BYTES = 4 * 1024 * 1024
"""Of a report, which stands in the record of its version."""

MAX_BUFFER_BYTES = 1024 * 1024 * 1024
"""Of what answering takes beside the answer."""

MAX_PARTS, MAX_LAYERS, MAX_UNITS, MAX_TREES, MAX_SUPPORT = 20, 12, 200_000, 20_000, 20_000
"""Parts of one mixture; layers of one network; units of the networks of one part together; trees, and rows that a kernel
machine has kept, of one candidate."""


def check_header(data: bytes) -> None:
    """Raise `InvalidBody` or `BodyTooLarge` for a file whose header is not worth reading; nothing of it is parsed."""
    length = int.from_bytes(data[:8], "little")
    if not 0 < length <= len(data) - 8 or data[8:9] != b"{":
        raise InvalidBody([BodyError("this is not a safetensors file, which a version is exported as", "")])
    values = sum(data.count(mark, 8, 8 + length) for mark in (b",", b"[", b"{"))
    if length > MAX_HEADER_BYTES or values > MAX_HEADER_VALUES:
        raise BodyTooLarge(
            f"the checkpoint's header has {length:,} bytes and about {values:,} values, of at most {MAX_HEADER_BYTES:,} "
            f"and {MAX_HEADER_VALUES:,}"
        )


def check_cost(predictor: Regressor | Classifier, report: Report, max_parameters: int) -> None:
    """Raise `InvalidBody` for a predictor that would take too much to answer a row, or whose report is too long."""
    for problem in _problems(predictor, report, max_parameters):
        raise InvalidBody([BodyError(f"the checkpoint cannot be served: {problem}", "")])


def _problems(predictor: Regressor | Classifier, report: Report, max_parameters: int) -> Iterator[str]:
    if len(json.dumps(report.to_json())) > MAX_REPORT_BYTES or not 0 <= report.parameters <= max_parameters:
        yield (
            f"its report has more than {MAX_REPORT_BYTES:,} bytes, or tells of more than {max_parameters:,} parameters "
            "(SCORECAST_MAX_PARAMETERS): train a smaller network"
        )
    if len(predictor.mixture.parts) > MAX_PARTS:
        yield f"it mixes {len(predictor.mixture.parts)} parts, of at most {MAX_PARTS}"
    if isinstance(predictor, Regressor) and len(predictor.effects) > len(predictor.signature.features):
        yield "it has more effects of levels than features"
    for value in _inside(predictor.mixture):
        yield from (
            f"it has {found:,} {what}, more than the {most:,} allowed"
            for what, found, most in _count(value, max_parameters)
            if found > most
        )
    operations = predictor.operations_a_row * predictor.draws_a_gap
    if operations > MAX_MEDIUM_OPERATIONS:
        yield f"a row takes {operations:,} operations, of at most {MAX_MEDIUM_OPERATIONS:,}"
    if predictor.buffer_bytes > MAX_BUFFER_BYTES:
        yield f"an answer takes {predictor.buffer_bytes:,} bytes of memory, of at most {MAX_BUFFER_BYTES:,}"


def _inside(value: Any) -> Iterator[Any]:
    """Yield a value and all values that stand in it."""
    yield value
    if isinstance(value, tuple):
        for each in value:
            yield from _inside(each)
    elif is_dataclass(value):
        for field in fields(value):
            yield from _inside(getattr(value, field.name))


def _count(value: Any, max_parameters: int) -> "Counts":
    """Return what there is of all that is limited in a value itself."""
    named, count = [], _COUNTS.get(type(value))
    if isinstance(value, Ensemble | NoiseNetwork):
        named = [("parameters (SCORECAST_MAX_PARAMETERS)", value.parameters.size, max_parameters)]
    return [*named, *(count(value) if count is not None else [])]


Counts = list[tuple[str, int, int]]
"""What there is of something, how much, and how much there may be."""


def _count_networks(ensemble: Ensemble) -> Counts:
    sizes = ensemble.architecture.layer_sizes
    return [
        ("layers", len(sizes), MAX_LAYERS),
        ("units in its networks", sum(sizes) * len(ensemble.parameters), MAX_UNITS),
    ]


_COUNTS: Mapping[type[Any], Callable[[Any], Counts]] = {
    ClassTrees: lambda trees: [("trees", len(trees.columns), MAX_TREES)],
    Ensemble: _count_networks,
    KernelMachine: lambda machine: [("rows in a kernel machine", len(machine.support), MAX_SUPPORT)],
    ObliviousTrees: lambda trees: [("trees", len(trees.columns), MAX_TREES)],
    TargetSpread: lambda spread: [("candidates for a spread", len(spread.candidates), MAX_PARTS)],
}
