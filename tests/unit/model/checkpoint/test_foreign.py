"""Checkpoints that nobody vouches for: whatever has been done to one, it is refused, or answers any row."""

import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load, save

from model.checkpoint import Checkpoint
from model.errors import CheckpointError
from model.explanation import find_network
from model.predictors import Classifier, Regressor
from tests.support.checkpoints import EVERY_KIND, rows_with_gaps
from tests.unit.model.checkpoint.test_format_2 import FOLDER

FORMER = {
    path.parent.name + "/" + path.stem: path.read_bytes()
    for folder in ("format_2", "format_3")
    for path in sorted((FOLDER.parent / folder).glob("*.safetensors"))
}
FILES = {name: trained.to_bytes() for name, trained in EVERY_KIND.items()} | FORMER

JUNK: tuple[Any, ...] = (
    None,
    True,
    -1,
    0,
    1,
    3,
    10**30,
    2.5,
    1e308,
    -1e308,
    "",
    "x",
    "array",
    "log",
    "nan",
    [],
    {},
    ["x"],
    [0],
    {"kind": "ridge"},
    "y" * 300,
)
NUMBERS = (np.nan, np.inf, -np.inf, 1e308, -1e308, 1e-320, -1.0, 0.0, 0.5, 1e9, 300.0)
CHANGES: dict[str, Callable[[Any], Any]] = {
    "shorter": lambda array: array[:-1],
    "longer": lambda array: np.concatenate([array, array]),
    "deeper": lambda array: array[..., None],
    "flat": lambda array: array.ravel(),
    "empty": lambda array: array[:0],
    "transposed": lambda array: array.T,
    "backwards": lambda array: array[::-1],
    "negative": lambda array: -array,
    "twice": lambda array: array * 2,
    "one more": lambda array: array + 1,
    "huge": lambda array: array * 1e300,
    "all the same": np.zeros_like,
    "single": lambda array: array.astype(np.float32),
    "whole": lambda array: array.astype(np.int64),
    "small whole": lambda array: array.astype(np.int16),
    "boolean": lambda array: array != 0,
}  # fmt: skip


def places(node: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the paths to all that stands in a header."""
    members = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, member in members:
        yield (*path, key)
        yield from places(member, (*path, key))


def change_header(header: Any, draw: Any) -> None:
    """Change one thing in a header: another value, none, a copy of a neighbour."""
    *way, last = draw(st.sampled_from(list(places(header))))
    parent = header
    for step in way:
        parent = parent[step]
    what = draw(st.sampled_from(["put", "remove", "copy", "swap"]))
    keys = list(parent) if isinstance(parent, dict) else list(range(len(parent)))
    other = draw(st.sampled_from(keys))
    if what == "put":
        parent[last] = draw(st.sampled_from(JUNK))
    elif what == "remove":
        del parent[last]
    elif what == "copy":
        parent[last] = parent[other]
    else:
        parent[last], parent[other] = parent[other], parent[last]


def change_arrays(arrays: dict[str, Any], draw: Any) -> None:
    """Change one array: a number in it, its shape, its type; or leave it out, or put one more beside it."""
    name = draw(st.sampled_from(sorted(arrays)))
    what = draw(st.sampled_from(["number", "change", "remove", "add", "exchange"]))
    if what == "number" and arrays[name].size:
        array = arrays[name].copy()
        with np.errstate(all="ignore"):
            array.flat[draw(st.integers(0, array.size - 1))] = np.array(draw(st.sampled_from(NUMBERS))).astype(
                array.dtype
            )
        arrays[name] = array
    elif what == "change":
        with np.errstate(all="ignore"), suppress(ValueError, TypeError):
            arrays[name] = np.ascontiguousarray(CHANGES[draw(st.sampled_from(sorted(CHANGES)))](arrays[name]))
    elif what == "remove":
        del arrays[name]
    elif what == "add":
        arrays[f"{name}.more"] = arrays[name]
    else:
        other = draw(st.sampled_from(sorted(arrays)))
        arrays[name], arrays[other] = arrays[other], arrays[name]


def open_file(data: bytes) -> tuple[Any, dict[str, Any]]:
    length = int.from_bytes(data[:8], "little")
    return json.loads(json.loads(data[8 : 8 + length])["__metadata__"]["scorecast"]), load(data)


def answer_everything(predictor: Regressor | Classifier) -> None:
    """Ask for all that the service may be asked for."""
    rng = np.random.default_rng(0)
    width = len(predictor.signature.features)
    rows = rows_with_gaps(rng) if width == 5 else np.vstack([rng.normal(size=(4, width)), np.full((1, width), 1e308)])
    outputs = len(predictor.signature.targets[0].categories) or len(predictor.signature.targets)
    assert predictor.operations_a_row >= 0
    assert predictor.buffer_bytes >= 0
    shown = find_network(predictor)
    assert shown is None or len(shown.activations(rows[:1])) > 1
    if isinstance(predictor, Classifier):
        assert predictor.predict(rows).probabilities.shape == (len(rows), outputs)
        return
    for coverage in (0.95, 1e-9, 1 - 1e-12, None):
        found = predictor.predict(rows, coverage)
        assert found.mean.shape == (len(rows), outputs)
        assert found.extrapolated.shape == (len(rows), width)


@pytest.mark.parametrize("name", FILES)
def test_what_was_not_changed_is_read_and_answers_with_the_same_bits(name: str) -> None:
    ours, foreign = (Checkpoint.from_bytes(FILES[name], is_foreign=foreign) for foreign in (False, True))

    with np.errstate(all="ignore"):
        answer_everything(foreign.predictor)
    assert foreign.to_bytes() == ours.to_bytes()


def make_changed(name: str, data: st.DataObject) -> bytes:
    """Return a file in which one to three things are not as they were."""
    header, arrays = open_file(FILES[name])
    for _ in range(data.draw(st.integers(1, 3))):
        if data.draw(st.booleans()):
            with suppress(KeyError, IndexError):
                change_header(header, data.draw)
        elif arrays:
            change_arrays(arrays, data.draw)
    return save(arrays, {"scorecast": json.dumps(header)})


@pytest.mark.slow
@pytest.mark.parametrize("name", FILES)
@given(data=st.data())
def test_whatever_is_changed_in_one_it_is_refused_or_answers_any_row(name: str, data: st.DataObject) -> None:
    changed_file = make_changed(name, data)
    try:
        changed = Checkpoint.from_bytes(changed_file, is_foreign=True)
    except CheckpointError:
        return
    with np.errstate(all="ignore"):
        answer_everything(changed.predictor)
    json.dumps(changed.report.to_json(), allow_nan=False)
