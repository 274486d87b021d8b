"""Evaluation: how well a trained predictor does on a labelled table that it was not trained with."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.arrays import FloatArray
from model.fitting.reporting import score_predictions
from model.predictors import Classifier, Pieces, Prediction, Regressor
from model.scores import Scores, classification_scores
from model.table import Dataset

ALL = Pieces()


def evaluate(
    predictor: Regressor | Classifier, table: Dataset, coverage: float, pieces: Pieces = ALL
) -> dict[str, Scores]:
    """Return for each target its scores on a table in its own units.

    Of numbers: rmse, mae, r2, `coverage` (the share of rows inside their interval) and `log_likelihood` (the mean
    logarithm of the predictive density at the truth, in nats). Of categories: accuracy and log_loss.
    """
    if isinstance(predictor, Classifier):
        labels = table.targets[:, 0].astype(np.intp)
        (probabilities,) = pieces.run(table.features, lambda rows, _: (predictor.predict(rows).probabilities,))
        assert probabilities is not None  # noqa: S101 - a classifier always has them
        return {predictor.signature.targets[0].name: classification_scores(labels, probabilities)}
    columns = predictor.signature.targets
    mean, lower, upper, outside, densities = pieces.run(
        table.features, lambda rows, place: _judge(predictor, rows, table.targets[place], coverage)
    )
    assert mean is not None and outside is not None and densities is not None  # noqa: S101, PT018 - as above
    scored = score_predictions(columns, table.targets, Prediction(mean, lower, upper, outside))
    density = densities.mean(axis=0)
    for column, likelihood in zip(columns, density.tolist(), strict=True):
        scored[column.name]["log_likelihood"] = likelihood if np.isfinite(likelihood) else None
    return scored


def _judge(
    predictor: Regressor, features: FloatArray, targets: FloatArray, coverage: float
) -> tuple[NDArray[Any] | None, ...]:
    """Return a prediction's arrays, and the density (rows, targets) that was given to the truth."""
    found = predictor.predict(features, coverage)
    return found.mean, found.lower, found.upper, found.extrapolated, predictor.log_density(features, targets)
