"""Checkpoints of format 2 that were written by the code of their time answer as they did then.

`answers.json` holds what that code said, with all digits. Another processor adds and multiplies in another order,
so answers are compared to a millionth of the spread of all answers; on one machine they are the same bits. There is one file for each kind of thing that the format could hold.
"""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model.arrays import FloatArray
from model.checkpoint import Checkpoint
from model.predictors import NoiseNetwork, Regressor

FOLDER = Path(__file__).parent / "format_2"
ANSWERS: dict[str, Any] = json.loads((FOLDER / "answers.json").read_text())
REGRESSORS = sorted(ANSWERS.keys() - {"classes"})


def load(name: str) -> Any:
    return Checkpoint.from_bytes((FOLDER / f"{name}.safetensors").read_bytes()).predictor


def is_same(answered: FloatArray | None, expected: Any) -> bool:
    """Whether an answer (rows, ...) is what was recorded; truth values and infinities exactly."""
    if answered is None or expected is None:
        return answered is expected
    known = np.array(expected, dtype=answered.dtype)
    if answered.dtype == bool:
        return np.array_equal(answered, known)
    finite = np.where(np.isfinite(known), known, 0.0)
    return np.allclose(answered, known, rtol=1e-9, atol=1e-6 * finite.std(), equal_nan=True)


@pytest.mark.parametrize("name", REGRESSORS)
@pytest.mark.parametrize("coverage", [0.95, 0.5, None])
def test_numbers_and_intervals_are_the_same(name: str, coverage: float | None) -> None:
    answered = load(name).predict(np.array(ANSWERS[name]["features"]), coverage)
    expected = ANSWERS[name]["predictions"][str(coverage)]

    assert all(map(is_same, vars(answered).values(), expected))


@pytest.mark.parametrize("name", REGRESSORS)
def test_densities_are_the_same(name: str) -> None:
    features, densities = np.array(ANSWERS[name]["features"]), ANSWERS[name]["log_density"]
    truth = np.array(ANSWERS[name]["truth"])

    with np.errstate(all="ignore"):
        assert is_same(load(name).log_density(features, truth), densities)


def test_probabilities_are_the_same() -> None:
    answered = load("classes").predict(np.array(ANSWERS["classes"]["features"]))

    assert is_same(answered.probabilities, ANSWERS["classes"]["probabilities"])
    assert is_same(answered.extrapolated, ANSWERS["classes"]["extrapolated"])


def test_the_files_hold_what_the_format_could_hold() -> None:
    regressors: dict[str, Regressor] = {name: load(name) for name in REGRESSORS}

    assert isinstance(regressors["noise"].mixture.spread, NoiseNetwork)
    assert regressors["few_rows"].mixture.networks[0].posterior.prior is not None
    assert not regressors["mixed"].targets.untransformed
    assert np.isnan(regressors["mixed"].category_encoding.fill).any()
    assert not regressors["single"].has_spread.any()


@pytest.mark.parametrize("name", REGRESSORS)
def test_written_anew_in_the_newer_format_they_answer_with_the_same_bits(name: str) -> None:
    checkpoint: Checkpoint[Regressor] = Checkpoint.from_bytes((FOLDER / f"{name}.safetensors").read_bytes())
    again: Checkpoint[Regressor] = Checkpoint.from_bytes(checkpoint.to_bytes())
    features = np.array(ANSWERS[name]["features"])
    known, answered = (vars(each.predictor.predict(features)).values() for each in (checkpoint, again))

    for one, other in zip(known, answered, strict=True):
        assert (one is None and other is None) or np.array_equal(one, other, equal_nan=True)
