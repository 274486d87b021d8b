"""Evaluation: how well a trained predictor does on a labelled table that it was not trained with."""

import numpy as np

from model.fitting.reporting import score_predictions
from model.predictors import Classifier, Regressor
from model.scores import Scores, classification_scores
from model.table import Dataset


def evaluate(predictor: Regressor | Classifier, table: Dataset, coverage: float) -> dict[str, Scores]:
    """Return for each target its scores on a table in its own units.

    Of numbers: rmse, mae, r2, `coverage` (the share of rows inside their interval) and `log_likelihood` (the mean
    logarithm of the predictive density at the truth, in nats). Of categories: accuracy and log_loss.
    """
    if isinstance(predictor, Classifier):
        labels = table.targets[:, 0].astype(np.intp)
        probabilities = predictor.predict(table.features).probabilities
        return {predictor.signature.targets[0].name: classification_scores(labels, probabilities)}
    columns = predictor.signature.targets
    scored = score_predictions(columns, table.targets, predictor.predict(table.features, coverage))
    density = predictor.log_density(table.features, table.targets).mean(axis=0)
    for column, likelihood in zip(columns, density.tolist(), strict=True):
        scored[column.name]["log_likelihood"] = likelihood if np.isfinite(likelihood) else None
    return scored
