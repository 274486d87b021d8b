"""Scores: how far predictions are from the truth."""

import numpy as np
from numpy.typing import NDArray

from model.activations import FloatArray

Scores = dict[str, float | None]


def regression_scores(truth: FloatArray, predicted: FloatArray) -> Scores:
    """Return rmse, mae and r2 of one target (samples,).

    `r2` is None where the truth does not vary: there is no variance to explain.
    """
    residuals = truth - predicted
    spread = float(np.var(truth))
    return {
        "rmse": float(np.sqrt(np.mean(residuals**2))),
        "mae": float(np.mean(np.abs(residuals))),
        "r2": 1.0 - float(np.mean(residuals**2)) / spread if spread > 0 else None,
    }


def classification_scores(labels: NDArray[np.intp], probabilities: FloatArray) -> Scores:
    """Return accuracy, and log_loss in nats, of probabilities (samples, categories) for the true categories (samples,)."""
    given = probabilities[np.arange(len(labels)), labels]
    return {
        "accuracy": float(np.mean(probabilities.argmax(axis=1) == labels)),
        "log_loss": float(-np.mean(np.log(np.maximum(given, np.finfo(float).tiny)))),
    }
