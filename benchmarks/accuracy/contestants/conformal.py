"""Conformal predictive systems (crepes) around methods that give a location only.

Residuals are out-of-fold; they are divided by a difficulty: the mean absolute residual of the 25 nearest rows, without
the row itself. Where rows are too few for a finite quantile, the farthest residual is taken.
"""

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
from crepes import ConformalPredictiveSystem
from sklearn.model_selection import KFold
from sklearn.neighbors import NearestNeighbors

from benchmarks.accuracy.forecast import LEVELS, Floats, Forecast

FOLDS, NEIGHBOURS, MIN_DIFFICULTY = 5, 25, 0.01

Fit = Callable[[Any, Floats, int], Callable[[Any], Floats]]
"""From features, targets and a seed to what predicts."""


def out_of_fold(fit: Fit, features: Any, targets: Floats, seed: int) -> Floats:
    """Return a prediction (rows,) for each row by a model of the other folds."""
    found = np.empty(len(targets))
    rows = np.arange(len(targets))
    for known, left_out in KFold(min(FOLDS, len(targets)), shuffle=True, random_state=seed).split(rows):
        found[left_out] = fit(_take(features, known), targets[known], seed)(_take(features, left_out))
    return found


def _take(features: Any, rows: Any) -> Any:
    return features.iloc[rows] if hasattr(features, "iloc") else features[rows]


def difficulties(residuals: Floats, known: Floats, fresh: Floats) -> tuple[Floats, Floats]:
    """Return how large residuals are about each row, of those with residuals and of the fresh ones."""
    count = min(NEIGHBOURS, len(known) - 1)
    near = NearestNeighbors(n_neighbors=count).fit(known)
    sizes, least = np.abs(residuals), MIN_DIFFICULTY * np.abs(residuals).mean() + 1e-12
    own = near.kneighbors(return_distance=False)  # without the row itself
    theirs = near.kneighbors(fresh, return_distance=False)
    return sizes[own].mean(axis=1) + least, sizes[theirs].mean(axis=1) + least


def forecast(location: Floats, residuals: Floats, known: Floats, fresh: Floats) -> Forecast:
    """Return the forecast that residuals (of the known rows) make around locations (of the fresh rows)."""
    of_known, of_fresh = difficulties(residuals, known, fresh)
    system = ConformalPredictiveSystem().fit(residuals, sigmas=of_known)
    ratios = residuals / of_known
    lower, upper = ([100 * level for level in LEVELS if (level < 0.5) == side] for side in (True, False))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = system.predict_percentiles(location, of_fresh, lower_percentiles=lower, higher_percentiles=upper)
    ends = location + of_fresh * ratios.min(), location + of_fresh * ratios.max()
    quantiles = np.clip(found, ends[0][:, None], ends[1][:, None])
    return Forecast(location, quantiles, float(np.sqrt(np.mean(residuals**2))))
