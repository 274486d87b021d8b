"""A classifier of format 3, which was networks with one temperature, answers as it did then, but for the rounding of another processor."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from model.checkpoint import Checkpoint
from model.predictors import ClassNetworks

FOLDER = Path(__file__).parent / "format_3"
ANSWERS: dict[str, Any] = json.loads((FOLDER / "answers.json").read_text())
DATA = (FOLDER / "classes.safetensors").read_bytes()


def answers_the_same(checkpoint: Checkpoint[Any]) -> bool:
    answered = checkpoint.predictor.predict(np.array(ANSWERS["features"]))
    same = np.allclose(answered.probabilities, np.array(ANSWERS["probabilities"]), rtol=1e-9, atol=1e-9)
    return same and np.array_equal(answered.extrapolated, np.array(ANSWERS["extrapolated"]))


def test_probabilities_are_the_same() -> None:
    checkpoint = Checkpoint.from_bytes(DATA)

    assert [type(part) for part in checkpoint.predictor.mixture.parts] == [ClassNetworks]
    assert answers_the_same(checkpoint)


def test_written_anew_in_the_newer_format_it_still_answers_the_same() -> None:
    assert answers_the_same(Checkpoint.from_bytes(Checkpoint.from_bytes(DATA).to_bytes()))
