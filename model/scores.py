"""Scores: how far a regression's predictions are from the truth, in the target's own units."""

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
