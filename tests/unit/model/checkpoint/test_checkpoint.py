"""Checkpoints: there and back, and no damage goes unnoticed that could make a wrong or broken answer.

What lies within its own bounds, such as one digit of a weight or one letter of a column's name, cannot
be document from the bytes alone: that is what the SHA-256 beside them is for.
"""

import json
import subprocess
import sys
from contextlib import suppress
from hashlib import sha256
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load, save

from model.checkpoint import FORMAT, Checkpoint
from model.errors import CheckpointError
from model.fitting.spec import TrainingSpec
from model.predictors.regressor import Regressor
from model.report import Refinement
from model.trainers import GradientDescent, LevenbergMarquardt
from model.training import train
from tests.support.model_tables import EXAM_SCORE, TUTORIAL, spec, wave

TRAINED: Checkpoint[Regressor] = train(
    TrainingSpec(EXAM_SCORE, TUTORIAL, GradientDescent.default_network, GradientDescent(max_epochs=20))
)
DATA = TRAINED.to_bytes()
HEADER_END = 8 + int.from_bytes(DATA[:8], "little")
PARAMETERS = "mixture.parts.0.ensemble.parameters"
QUESTION = np.array([[2.0, 6.0]])


def flipped(data: bytes, *bits: int) -> bytes:
    damaged = bytearray(data)
    for bit in bits:
        damaged[bit // 8] ^= 1 << bit % 8
    return bytes(damaged)


def opened(data: bytes) -> dict[str, Any]:
    """Our own header, inside that of safetensors."""
    length = int.from_bytes(data[:8], "little")
    header: dict[str, Any] = json.loads(json.loads(data[8 : 8 + length])["__metadata__"]["scorecast"])
    return header


def closed(header: Any, arrays: dict[str, Any] | None = None) -> bytes:
    return save(load(DATA) if arrays is None else arrays, {"scorecast": json.dumps(header)})


@pytest.mark.parametrize(
    "trained",
    [
        pytest.param(TRAINED, id="gradient_descent"),
        pytest.param(train(spec(wave(40, 0.1), LevenbergMarquardt(members=2))), id="ensemble"),
    ],
)
def test_what_was_written_is_read(trained: Checkpoint[Regressor]) -> None:
    again: Checkpoint[Regressor] = Checkpoint.from_bytes(trained.to_bytes())
    features = np.array([[0.5] * len(trained.predictor.signature.features)])

    assert again.predictor.signature == trained.predictor.signature
    assert (
        again.predictor.mixture.networks[0].ensemble.architecture
        == trained.predictor.mixture.networks[0].ensemble.architecture
    )
    assert np.array_equal(
        again.predictor.mixture.networks[0].ensemble.parameters,
        trained.predictor.mixture.networks[0].ensemble.parameters,
    )
    assert again.report.to_json() == trained.report.to_json()
    assert again.to_bytes() == trained.to_bytes()
    for one, other in zip(
        vars(again.predictor.predict(features)).values(),
        vars(trained.predictor.predict(features)).values(),
        strict=True,
    ):
        assert np.array_equal(one, other)


def test_a_cut_file_is_refused_wherever_it_is_cut() -> None:
    for length in range(len(DATA)):
        with pytest.raises(CheckpointError, match="damaged"):
            Checkpoint.from_bytes(DATA[:length])


def test_a_file_with_something_behind_it_is_refused() -> None:
    with pytest.raises(CheckpointError, match="damaged"):
        Checkpoint.from_bytes(DATA + b"\0")


@pytest.mark.slow
def test_each_flipped_bit_of_the_header_is_refused_or_leaves_a_predictor_that_answers() -> None:
    refused = 0
    for bit in range(8 * HEADER_END):
        try:
            damaged = Checkpoint.from_bytes(flipped(DATA, bit))
        except CheckpointError:
            refused += 1
        else:
            assert damaged.predictor.predict(QUESTION, None).mean.shape == (1, 1)

    assert refused > 8 * HEADER_END / 2


@given(st.lists(st.integers(0, 8 * HEADER_END - 1), min_size=2, max_size=20))
def test_many_flipped_bits_of_the_header_raise_nothing_else_than_a_checkpoint_error(bits: list[int]) -> None:
    with suppress(CheckpointError):
        Checkpoint.from_bytes(flipped(DATA, *bits))


@given(st.integers(8 * HEADER_END, 8 * len(DATA) - 1))
def test_a_flipped_bit_of_an_array_is_refused_or_left_to_the_sha256(bit: int) -> None:
    with suppress(CheckpointError):
        assert Checkpoint.from_bytes(flipped(DATA, bit)).report == Checkpoint.from_bytes(DATA).report


@given(st.binary())
def test_bytes_that_are_no_checkpoint_are_refused(data: bytes) -> None:
    with pytest.raises(CheckpointError, match="damaged"):
        Checkpoint.from_bytes(data)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(save({"parameters": np.zeros(3)}), id="of somebody else"),
        pytest.param(save({"parameters": np.zeros(3)}, {"scorecast": "[" * 100_000}), id="too deeply nested"),
        pytest.param(closed([]), id="header is no object"),
        pytest.param(closed({"format": "1"}), id="format is no number"),
        pytest.param(closed({**opened(DATA), "values": {}}), id="no values"),
        pytest.param(closed({**opened(DATA), "values": None}), id="values are no object"),
        pytest.param(closed({**opened(DATA), "report": {}}), id="empty report"),
        pytest.param(closed(opened(DATA), {}), id="no arrays"),
        pytest.param(closed(opened(DATA), {**load(DATA), "more": np.zeros(1)}), id="an array too many"),
        pytest.param(closed(opened(DATA), {**load(DATA), PARAMETERS: np.zeros((1, 8))}), id="too few parameters"),
        pytest.param(closed(opened(DATA), {**load(DATA), PARAMETERS: np.zeros(9)}), id="parameters of no member"),
    ],
)
def test_a_file_of_the_right_kind_with_the_wrong_contents_is_refused(data: bytes) -> None:
    with pytest.raises(CheckpointError, match="damaged"):
        Checkpoint.from_bytes(data)


@pytest.mark.parametrize("rest", [{}, {"a": "thing", "of": "the future"}])
def test_a_newer_format_is_refused_by_name_whatever_else_is_in_it(rest: dict[str, Any]) -> None:
    with pytest.raises(CheckpointError, match=f"has format {FORMAT + 1}, .* up to {FORMAT}: it was written by a newer"):
        Checkpoint.from_bytes(closed({"format": FORMAT + 1, **rest}, {}))


def test_a_newer_format_of_an_otherwise_whole_file_is_refused_by_name() -> None:
    with pytest.raises(CheckpointError, match="written by a newer"):
        Checkpoint.from_bytes(closed({**opened(DATA), "format": FORMAT + 1}))


FINGERPRINT = """
from hashlib import sha256
from tests.unit.model.checkpoint.test_checkpoint import DATA
print(sha256(DATA).hexdigest())
"""


@pytest.mark.slow
@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_equal_specs_give_equal_bytes_in_every_process(hash_seed: str) -> None:
    """Whatever order that process keeps its sets in."""
    done = subprocess.run(
        [sys.executable, "-c", FINGERPRINT],
        env={"PYTHONHASHSEED": hash_seed, "OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == sha256(DATA).hexdigest()


def test_a_refinement_keeps_its_stored_names() -> None:
    stored = {"name": "growth: wide", "outcome": "skipped", "because": "it is switched off", "gain": None}

    assert Refinement.from_json(stored).to_json() == stored
    assert all(each.keys() == stored.keys() for each in TRAINED.report.to_json()["attempts"])
    assert TRAINED.report.to_json()["attempts"]
