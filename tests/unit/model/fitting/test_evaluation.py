"""Evaluation on rows that the predictor was not trained with."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad

from model.fitting.evaluation import evaluate
from model.fitting.spec import TrainingSpec
from model.predictors.regressor import Regressor
from model.table.dataset import Dataset
from model.table.scaler import standardise
from model.table.signature import Column, Signature
from model.table.targets import Targets, transform_targets
from model.trainers import LBFGS, LevenbergMarquardt
from model.training import train
from tests.support.model_tables import spec, wave


def test_intervals_and_likelihood_are_judged_on_fresh_rows() -> None:
    predictor = train(spec(wave(150, 0.3))).predictor
    scored = evaluate(predictor, wave(1000, 0.3, seed=7), 0.9)["y0"]

    assert scored["rmse"] == pytest.approx(0.3, rel=0.2)
    assert scored["coverage"] == pytest.approx(0.9, abs=0.05)
    assert scored["log_likelihood"] == pytest.approx(-np.log(0.3 * np.sqrt(2 * np.pi * np.e)), abs=0.15)


@pytest.mark.parametrize("transforms", [("identity",), ("log",), ("root",)])
def test_the_density_of_a_target_integrates_to_one(transforms: tuple[str, ...]) -> None:
    """Also on a transformed scale: the slope of the transform is accounted for."""
    rng = np.random.default_rng(0)
    features = rng.uniform(0, 1, (60, 1))
    targets = np.exp(1 + features + 0.1 * rng.standard_normal((60, 1)))
    trainer = LevenbergMarquardt(members=2)
    signature = Signature((Column("x"),), (Column("y"),))
    predictor = train(TrainingSpec(signature, Dataset(features, targets), trainer.default_network, trainer)).predictor
    transformed = _with_transforms(predictor, transforms, targets)

    def density(value: float) -> float:
        return float(np.exp(transformed.log_density(np.array([[0.5]]), np.array([[value]]))[0, 0]))

    assert quad(density, 1e-6, 60, limit=500, points=[4.5])[0] == pytest.approx(1.0, abs=0.01)


def _with_transforms(predictor: Regressor, transforms: tuple[str, ...], targets: np.ndarray) -> Regressor:
    columns = predictor.signature.targets
    scaler = standardise(transform_targets(columns, transforms, targets), columns)
    return replace(predictor, targets=Targets(columns, scaler, transforms))


def test_a_target_that_the_scale_has_no_place_for_is_infinitely_unlikely() -> None:
    features, targets = np.linspace(0, 1, 40)[:, None], np.exp(np.linspace(0, 1, 40))[:, None]
    trainer = LevenbergMarquardt(members=1)
    signature = Signature((Column("x"),), (Column("y"),))
    spec_ = TrainingSpec(signature, Dataset(features, targets), trainer.default_network, trainer)
    transformed = _with_transforms(train(spec_).predictor, ("log",), targets)

    assert transformed.log_density(features[:1], np.array([[-1.0]]))[0, 0] == -np.inf


def test_one_row_gives_no_likelihood() -> None:
    predictor = train(spec(Dataset(np.zeros((1, 2)), np.ones((1, 1))))).predictor

    assert evaluate(predictor, Dataset(np.zeros((2, 2)), np.ones((2, 1))), 0.95)["y0"]["log_likelihood"] is None


def test_a_classifier_is_judged_by_accuracy_and_log_loss() -> None:
    features = np.linspace(0, 1, 40)[:, None]
    table = Dataset(features, (features > 0.5).astype(float))
    signature = Signature((Column("x"),), (Column("side", kind="category", categories=("left", "right")),))
    trainer = LBFGS(members=1)
    predictor = train(TrainingSpec(signature, table, trainer.default_network, trainer)).predictor

    scored = evaluate(predictor, table, 0.95)["side"]
    assert scored["accuracy"] == 1.0
    assert 0 < (scored["log_loss"] or 0) < 0.3
