"""Scores: how far predictions are from the truth, in the target's own units, or in nats for categories."""

import numpy as np

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


def classification_scores(truth: FloatArray, probabilities: FloatArray) -> Scores:
    """Return accuracy and log_loss of categories (samples,), told with probabilities (samples, categories).

    `log_loss` is the mean surprise at the truth, in nats.
    """
    told = np.take_along_axis(probabilities, truth.astype(np.intp)[:, None], axis=1)[:, 0]
    return {
        "accuracy": float(np.mean(probabilities.argmax(axis=1) == truth)),
        "log_loss": float(-np.log(np.maximum(told, 1e-300)).mean()),
    }
