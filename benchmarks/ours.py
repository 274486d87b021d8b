"""Scorecast's default trainer, as the other contestants are: learn from a table, answer with a distribution."""

import numpy as np

from model.arrays import FloatArray
from model.fitting.spec import TrainingSpec
from model.posterior import student_t
from model.predictors.regressor import Regressor
from model.table.dataset import Dataset
from model.table.signature import Column, Signature
from model.table.transforms import TRANSFORMS
from model.trainers import LevenbergMarquardt
from model.training import train


def spec(table: Dataset, trainer: LevenbergMarquardt | None = None) -> TrainingSpec:
    """Return what trains on a table as a request with nothing but rows would."""
    trainer = trainer or LevenbergMarquardt()
    features = tuple(Column(f"x{place}") for place in range(table.features.shape[1]))
    targets = tuple(Column(f"y{place}") for place in range(table.targets.shape[1]))
    return TrainingSpec(Signature(features, targets), table, trainer.default_network, trainer)


def learn(table: Dataset) -> Regressor:
    """Train by the defaults."""
    predictor = train(spec(table)).predictor
    assert isinstance(predictor, Regressor)
    return predictor


def covered(predictor: Regressor, fresh: Dataset) -> float:
    """Return the share of fresh rows inside their 95 % interval."""
    said = predictor.predict(fresh.features)
    assert said.lower is not None
    assert said.upper is not None
    return float(np.mean((said.lower <= fresh.targets) & (fresh.targets <= said.upper)))


def log_likelihood(predictor: Regressor, fresh: Dataset) -> FloatArray:
    """Return the logarithm of the predictive density of each fresh row (rows,), for one target without bounds."""
    said = predictor.predict(fresh.features, 0.5)
    assert said.lower is not None
    assert said.upper is not None
    transform = TRANSFORMS[predictor.targets.transforms[0]](predictor.targets.columns[0])
    assert transform is not None
    dof = float(predictor.mixture.quantiles.dof[0])
    low, high, truth = (transform.forward(values[:, 0]) for values in (said.lower, said.upper, fresh.targets))
    scale = (high - low) / 2 / student_t.quantile(0.5, dof)
    squares = ((truth - (low + high) / 2) / scale) ** 2
    return student_t.log_density(squares, dof) - np.log(scale) + transform.log_slope(fresh.targets[:, 0])
