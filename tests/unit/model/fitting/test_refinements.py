"""What goes beyond the base ensemble: each helps where it should, is dropped where not, and can be switched off."""

from dataclasses import replace

import numpy as np
import pytest

from model.checkpoint import Checkpoint
from model.fitting.spec import TrainingSpec
from model.predictors import NetworkPart, Regressor, SpreadModel
from model.table.dataset import Dataset
from model.table.signature import Column, Signature
from model.trainers import LevenbergMarquardt, NetworkOptions
from model.training import train
from tests.support.model_tables import spec, wave, wave_truth

PLAIN = LevenbergMarquardt(members=2, target_transform=False, growth=False, noise_network=False)


def outcomes(checkpoint: Checkpoint[Regressor]) -> dict[str, str]:
    return {refinement.name: refinement.outcome for refinement in checkpoint.report.attempts}


def predictor_of(checkpoint: Checkpoint[Regressor]) -> Regressor:
    assert isinstance(checkpoint.predictor, Regressor)
    return checkpoint.predictor


def noisier_to_the_right(rows: int, seed: int = 0) -> Dataset:
    table = wave(rows, 0.0, seed)
    noise = 0.05 + 0.3 * (table.features[:, :1] + 2)
    return Dataset(table.features, table.targets + noise * np.random.default_rng(seed).standard_normal((rows, 1)))


@pytest.mark.slow
def test_intervals_follow_the_noise() -> None:
    checkpoint = train(spec(noisier_to_the_right(400)))
    prediction = checkpoint.predictor.predict(np.array([[-1.8, 0.0, 0.0], [1.8, 0.0, 0.0]]))

    assert outcomes(checkpoint)["noise model for 'y0'"] == "kept"
    assert prediction.upper is not None
    assert prediction.lower is not None
    quiet, loud = prediction.upper - prediction.lower
    assert loud > 3 * quiet


def test_even_noise_keeps_even_intervals() -> None:
    checkpoint = train(spec(wave(200, 0.3)))

    assert outcomes(checkpoint)["noise model for 'y0'"] == "dropped"
    assert predictor_of(checkpoint).mixture.spread is None


def test_each_target_has_its_own_noise_model() -> None:
    even, uneven = wave(300, 0.3), noisier_to_the_right(300)
    both = Dataset(
        uneven.features, np.column_stack([wave_truth(uneven.features) + 0.3 * even.targets * 0, uneven.targets])
    )
    both.targets[:, 0] += 0.3 * np.random.default_rng(5).standard_normal(300)
    checkpoint = train(spec(both))
    model = predictor_of(checkpoint).mixture.spread

    assert isinstance(model, SpreadModel)
    assert model.targets[0] is None
    assert model.targets[1] is not None
    again = Checkpoint.from_bytes(checkpoint.to_bytes()).predictor.predict(both.features[:5])
    assert np.array_equal(again.upper, checkpoint.predictor.predict(both.features[:5]).upper)


def test_growth_is_answered_by_other_candidates() -> None:
    few = train(spec(wave(60, 0.1)))

    assert {each.reason for each in few.report.attempts if each.name == "growth"} == {
        "candidates of other kinds are judged instead"
    }
    assert {"mean", "linear network", "network", "trees", "kernel machine"} <= {
        each.name for each in few.report.candidates
    } | {each.name.removeprefix("candidate: ") for each in few.report.attempts}


def test_a_chosen_network_is_the_only_kind() -> None:
    chosen = TrainingSpec(
        spec(wave(60, 0.1)).signature,
        wave(60, 0.1),
        NetworkOptions((2,), "tanh", "identity", bias=True, scaling="standard"),
        LevenbergMarquardt(members=1),
    )
    checkpoint = train(chosen)

    (part,) = predictor_of(checkpoint).mixture.parts
    assert isinstance(part, NetworkPart)
    assert part.ensemble.architecture.layer_sizes == (3, 2, 1)
    assert checkpoint.report.candidates == ()


@pytest.mark.slow
def test_a_skewed_target_is_learned_on_a_logarithmic_scale() -> None:
    table = wave(500, 0.3)
    skewed = Dataset(table.features, np.exp(2 * table.targets))
    trainer = LevenbergMarquardt(members=2, growth=False, noise_network=False)
    checkpoint = train(spec(skewed, trainer))
    prediction = checkpoint.predictor.predict(table.features)

    assert predictor_of(checkpoint).targets.transforms == ("log",)
    assert prediction.lower is not None
    assert prediction.lower.min() > 0
    assert checkpoint.report.leave_one_out["y0"]["coverage"] == pytest.approx(0.95, abs=0.03)
    assert np.array_equal(prediction.mean, checkpoint.predictor.predict(table.features, None).mean)
    assert Checkpoint.from_bytes(checkpoint.to_bytes()).to_bytes() == checkpoint.to_bytes()


@pytest.mark.slow
def test_a_saturating_target_is_learned_on_a_logit_scale() -> None:
    table = wave(500, 0.3)
    percent = Dataset(table.features, 100 / (1 + np.exp(-3 * table.targets)))
    signature = Signature(spec(table).signature.features, (Column("percent", None, 0, 100),))
    trainer = LevenbergMarquardt(members=1, growth=False, noise_network=False)

    checkpoint = train(TrainingSpec(signature, percent, trainer.default_network, trainer))

    assert predictor_of(checkpoint).targets.transforms == ("logit",)


def test_everything_can_be_switched_off() -> None:
    checkpoint = train(spec(wave(60, 0.1), PLAIN))

    assert {refinement.reason for refinement in checkpoint.report.attempts} == {"it is switched off"}


def test_a_small_budget_skips_dear_candidates() -> None:
    trainer = LevenbergMarquardt(members=5, budget=3.0)

    report = train(spec(wave(500, 0.1), trainer)).report

    reasons = {each.name: each.reason for each in report.attempts}
    assert reasons["candidate: network"] == "the budget does not reach that far"
    assert "network" not in {each.name for each in report.candidates}
    assert "small network on screened columns" in {each.name for each in report.candidates}


@pytest.mark.parametrize("rows", [60, 300])
def test_student_noise_is_not_led_astray_by_outliers(rows: int) -> None:
    table = wave(rows, 0.1)
    table.targets[:: rows // 6] += 20.0
    robust, plain = (train(spec(table, replace(PLAIN, noise=noise))) for noise in ("student", "normal"))
    fresh = wave(500, 0.0, seed=1).features

    errors = [np.sqrt(np.mean((c.predictor.predict(fresh).mean - wave_truth(fresh)) ** 2)) for c in (robust, plain)]
    assert errors[0] < 0.5 * errors[1]
    assert all(f"{1 + row}" in robust.report.warnings[-1] for row in range(0, rows, rows // 6))
