"""Scores: how far predictions are from the truth."""

import math

import numpy as np

from model.arrays import FloatArray, IntArray

Scores = dict[str, float | None]


def regression_scores(truth: FloatArray, predicted: FloatArray) -> Scores:
    """Return rmse, mae and r2 of one target (samples,).

    `r2` is None where the truth does not vary: there is no variance to explain.
    """
    unit = _find_magnitude(truth)
    truth, residuals = truth / unit, truth / unit - predicted / unit
    squares, spread = float(np.mean(residuals**2)), float(np.var(truth))
    varies = np.ptp(truth) > 0 and spread > 0  # the variance of equal numbers may differ from 0 by rounding
    return {
        "rmse": unit * math.sqrt(squares),
        "mae": unit * float(np.mean(np.abs(residuals))),
        "r2": 1.0 - squares / spread if varies else None,
    }


def _find_magnitude(values: FloatArray) -> float:
    """Return a power of two about as large as the largest value: divided by it, squares stay finite and digits the same."""
    return 2.0 ** (math.frexp(float(np.abs(values).max()))[1] - 1)


def classification_scores(labels: IntArray, probabilities: FloatArray) -> Scores:
    """Return accuracy, and log_loss in nats, of probabilities (samples, categories) for the true categories (samples,)."""
    true = probabilities[np.arange(len(labels)), labels]
    return {
        "accuracy": float(np.mean(probabilities.argmax(axis=1) == labels)),
        "log_loss": float(-np.mean(np.log(np.maximum(true, np.finfo(float).tiny)))),
    }
