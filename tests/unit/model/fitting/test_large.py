"""Where Levenberg-Marquardt's matrices are out of proportion, L-BFGS takes over, and says so."""

from dataclasses import replace

import numpy as np
import pytest

from model.fitting import one_kind
from model.trainers import LevenbergMarquardt
from model.training import train
from tests.support.model_tables import spec, wave


def test_a_small_budget_hands_over_to_lbfgs() -> None:
    report = train(spec(wave(300, 0.1), LevenbergMarquardt(members=2, budget=0.1))).report

    (handed,) = [refinement for refinement in report.attempts if refinement.name == "levenberg_marquardt"]
    assert "L-BFGS takes over" in handed.reason
    left_out = report.leave_one_out["y0"]
    assert left_out["coverage"] is not None
    assert 0.88 < left_out["coverage"] <= 1.0
    assert left_out["r2"] is not None
    assert left_out["r2"] > 0.9


def test_so_do_too_many_parameters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(one_kind, "MAX_PARAMETERS", 100)

    trainer = LevenbergMarquardt(members=1)
    layers = replace(trainer.default_network, hidden_layers=(12, 10))
    checkpoint = train(replace(spec(wave(300, 0.1), trainer), network=layers))

    assert "L-BFGS" in next(a.reason for a in checkpoint.report.attempts if a.name == "levenberg_marquardt")
    prediction = checkpoint.predictor.predict(wave(10, 0.1).features)
    assert prediction.lower is not None
    assert np.isfinite(prediction.lower).all()
