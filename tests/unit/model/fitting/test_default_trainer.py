"""The default trainer on tables that lead other trainers astray."""

import numpy as np
import pytest

from model.checkpoint import Checkpoint
from model.fitting.spec import TrainingSpec
from model.predictors.regressor import Prediction, Regressor
from model.table.dataset import Dataset
from model.trainers import LevenbergMarquardt
from model.training import train
from tests.support.model_tables import EXAM_SCORE, TUTORIAL, signature, spec, wave, wave_truth


def rmse(checkpoint: Checkpoint[Regressor], features: np.ndarray) -> float:
    return float(np.sqrt(np.mean((checkpoint.predictor.predict(features).mean - wave_truth(features)) ** 2)))


def intervals(prediction: Prediction) -> tuple[np.ndarray, np.ndarray]:
    assert prediction.lower is not None
    assert prediction.upper is not None
    return prediction.lower, prediction.upper


def covered(prediction: Prediction, truth: np.ndarray) -> float:
    lower, upper = intervals(prediction)
    return float(np.mean((lower <= truth) & (truth <= upper)))


def width(checkpoint: Checkpoint[Regressor], features: list[list[float]]) -> float:
    lower, upper = intervals(checkpoint.predictor.predict(np.array(features)))
    return float((upper - lower).mean())


TUTORIAL_SPEC = TrainingSpec(EXAM_SCORE, TUTORIAL, LevenbergMarquardt.default_network, LevenbergMarquardt())


def test_the_tutorials_three_rows() -> None:
    """They are fitted, the interval grows with the distance from them, and a warning says how little three rows are."""
    checkpoint = train(TUTORIAL_SPEC)
    far = np.array([[4.0, 8.0], [8.0, 4.0]])

    np.testing.assert_allclose(checkpoint.predictor.predict(TUTORIAL.features).mean, TUTORIAL.targets, atol=1.0)
    lower, upper = intervals(checkpoint.predictor.predict(far))
    assert 5 < upper[0, 0] - lower[0, 0] < upper[1, 0] - lower[1, 0]
    assert upper.max() <= 100
    assert checkpoint.predictor.predict(far).extrapolated.tolist() == [[True, False], [True, True]]
    assert any("not to be trusted yet" in warning for warning in checkpoint.report.warnings)


def test_two_rows_have_a_wide_interval_away_from_them() -> None:
    checkpoint = train(spec(TUTORIAL.take(slice(2))))

    assert width(checkpoint, [[1.0, 9.0]]) > 3 * width(checkpoint, [[2.0, 9.0]])


def test_one_row_has_no_interval() -> None:
    checkpoint = train(spec(TUTORIAL.take(slice(1))))
    prediction = checkpoint.predictor.predict(np.array([[2.0, 9.0], [3.0, 9.0]]))

    np.testing.assert_allclose(prediction.mean, 92.0)
    assert prediction.lower is None
    assert prediction.upper is None
    assert prediction.extrapolated.tolist() == [[False, False], [True, False]]


def test_a_constant_target_has_no_interval_but_another_target_has() -> None:
    table = wave(60, 0.1)
    both = Dataset(table.features, np.column_stack([np.full(60, 0.1), table.targets]))
    checkpoint = train(spec(both))
    lower, _ = intervals(checkpoint.predictor.predict(table.features))

    assert np.isnan(lower[:, 0]).all()
    assert np.isfinite(lower[:, 1]).all()
    assert checkpoint.report.noise["y0"] is None
    np.testing.assert_allclose(checkpoint.predictor.predict(table.features).mean[:, 0], 0.1)


def test_pure_noise_is_not_learned() -> None:
    rng = np.random.default_rng(0)
    table = Dataset(rng.standard_normal((200, 4)), rng.standard_normal((200, 1)))
    checkpoint = train(spec(table))
    fresh = rng.standard_normal((1000, 1))
    prediction = checkpoint.predictor.predict(rng.standard_normal((1000, 4)))

    assert checkpoint.report.effective_parameters is not None
    assert checkpoint.report.effective_parameters < 20
    assert np.sqrt(np.mean((prediction.mean - fresh) ** 2)) < 1.1
    assert 0.92 < covered(prediction, fresh) < 0.98


@pytest.mark.slow
def test_noise_free_rows_are_learned_almost_exactly() -> None:
    checkpoint = train(spec(wave(200, 0.0)))
    fresh = wave(500, 0.0, seed=1)

    assert rmse(checkpoint, fresh.features) < 0.02
    assert covered(checkpoint.predictor.predict(fresh.features), fresh.targets) > 0.93


def test_fewer_rows_than_parameters() -> None:
    checkpoint = train(spec(wave(40, 0.1)))
    fresh = wave(500, 0.1, seed=1)

    assert checkpoint.report.parameters > 40
    assert rmse(checkpoint, fresh.features) < 0.6
    assert covered(checkpoint.predictor.predict(fresh.features), fresh.targets) > 0.85


@pytest.mark.parametrize("scale", [1e-8, 1e8])
def test_units_do_not_matter(scale: float) -> None:
    table = wave(60, 0.1)
    plain, scaled = (train(spec(Dataset(table.features * factor, table.targets / factor))) for factor in (1.0, scale))
    features = wave(50, 0.1, seed=1).features

    np.testing.assert_allclose(
        scaled.predictor.predict(features * scale).mean * scale,
        plain.predictor.predict(features).mean,
        rtol=0.05,
        atol=0.05,
    )


def test_collinear_and_constant_columns_are_harmless() -> None:
    table = wave(100, 0.1)
    features = np.column_stack([table.features, 2 * table.features[:, 0] + table.features[:, 1], np.full(100, 3.0)])
    checkpoint = train(spec(Dataset(features, table.targets)))
    fresh = wave(500, 0.1, seed=1)
    extra = 2 * fresh.features[:, 0] + fresh.features[:, 1]

    prediction = checkpoint.predictor.predict(np.column_stack([fresh.features, extra, np.full(500, 3.0)]))

    assert np.sqrt(np.mean((prediction.mean - fresh.targets) ** 2)) < 0.2
    assert covered(prediction, fresh.targets) > 0.88
    assert len(checkpoint.report.warnings) == 2


def test_a_constant_column_that_moves_is_named_and_leads_nothing_astray() -> None:
    table = wave(60, 0.1)
    features = np.column_stack([table.features, np.full(60, 3.0)])
    predictor = train(spec(Dataset(features, table.targets))).predictor
    moved = features[:5] + np.array([0, 0, 0, 100])

    assert np.array_equal(predictor.predict(moved).mean, predictor.predict(features[:5]).mean)
    assert predictor.predict(moved).extrapolated[:, 3].all()
    assert not predictor.predict(features).extrapolated.any()


def test_irrelevant_features_are_told_from_relevant_ones() -> None:
    relevance = train(spec(wave(200, 0.1, features=5))).report.relevance

    assert relevance["x0"].word == "strong"
    assert relevance["x1"].word in {"strong", "moderate"}
    assert {relevance[name].word for name in ("x2", "x3", "x4")} <= {"none", "weak"}


def test_the_interval_is_wider_in_a_gap() -> None:
    table = wave(200, 0.1, features=2)
    outside = np.abs(table.features[:, 0]) > 0.8
    checkpoint = train(spec(table.take(np.flatnonzero(outside))))

    assert width(checkpoint, [[0.0, 0.0]]) > 1.2 * width(checkpoint, [[1.5, 0.0], [-1.5, 0.0]])


def test_the_interval_grows_beyond_the_rows() -> None:
    checkpoint = train(spec(wave(100, 0.1)))

    widths = [width(checkpoint, [[distance, 0.0, 0.0]]) for distance in (1.0, 4.0, 8.0)]
    assert widths[0] < widths[1] < widths[2]


def test_outliers_are_named() -> None:
    table = wave(100, 0.1)
    table.targets[[6, 41]] += 1.5

    (warning,) = train(spec(table)).report.warnings
    assert "rows 7, 42" in warning


def test_equal_specs_give_equal_bytes() -> None:
    first = train(TUTORIAL_SPEC).to_bytes()

    assert train(TUTORIAL_SPEC).to_bytes() == first
    assert Checkpoint.from_bytes(first).to_bytes() == first


def test_a_reread_checkpoint_answers_the_same() -> None:
    checkpoint = train(spec(wave(50, 0.1)))
    again = Checkpoint.from_bytes(checkpoint.to_bytes())
    features = wave(9, 0.1, seed=1).features

    for one, other in zip(
        intervals(checkpoint.predictor.predict(features)), intervals(again.predictor.predict(features)), strict=True
    ):
        assert np.array_equal(one, other)
    assert again.report.to_json() == checkpoint.report.to_json()


@pytest.mark.parametrize("coverage", [None, 0.9])
def test_a_row_is_answered_the_same_in_any_company(coverage: float | None) -> None:
    predictor = train(spec(wave(100, 0.1))).predictor
    features = wave(403, 0.1, seed=1).features
    whole = predictor.predict(features, coverage)

    for start, stop in ((0, 1), (1, 2), (2, 9), (17, 403), (402, 403)):
        part = predictor.predict(features[start:stop], coverage)
        assert np.array_equal(part.mean, whole.mean[start:stop])
        if coverage:
            assert np.array_equal(intervals(part)[0], intervals(whole)[0][start:stop])


def test_no_rows_are_answered_with_none() -> None:
    prediction = train(spec(wave(20, 0.1))).predictor.predict(np.empty((0, 3)))

    assert prediction.mean.shape == (0, 1)
    assert intervals(prediction)[0].shape == (0, 1)


def test_leave_one_out_scores_are_what_fresh_rows_score() -> None:
    report = train(spec(wave(200, 0.2))).report
    fresh = wave(2000, 0.2, seed=1)
    checkpoint = train(spec(wave(200, 0.2)))
    held_out = float(np.sqrt(np.mean((checkpoint.predictor.predict(fresh.features).mean - fresh.targets) ** 2)))
    left_out = report.leave_one_out["y0"]

    assert left_out["rmse"] == pytest.approx(held_out, rel=0.15)
    assert report.scores["y0"]["rmse"] < left_out["rmse"]  # type: ignore[operator]
    assert left_out["coverage"] == pytest.approx(0.95, abs=0.04)
    assert report.noise["y0"] == pytest.approx(0.2, rel=0.15)


def test_signature_names_columns() -> None:
    assert [column.name for column in signature(TUTORIAL).columns] == ["x0", "x1", "y0"]


@pytest.mark.parametrize(("origin", "step"), [(1.7e12, 2.0), (1.0, 1e-12), (-1e9, 1.0)])
def test_small_differences_of_large_numbers_are_learned(origin: float, step: float) -> None:
    """As of times in milliseconds: such a target is not constant, and its intervals hold the truth."""
    features = np.arange(30.0)[:, None]
    targets = origin + step * (features + np.sin(features))
    prediction = train(spec(Dataset(features, targets))).predictor.predict(features)

    assert prediction.lower is not None
    assert prediction.upper is not None
    assert np.mean((prediction.lower <= targets) & (targets <= prediction.upper)) > 0.8
    assert (prediction.upper > prediction.lower).all()
