"""Rows that a service refuses to answer are answered for it: by the mean and the quantiles of its training targets."""

from collections import Counter
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.forecast import LEVELS, Classes, Forecast
from benchmarks.accuracy.tables.table import Split, numbers


def answerable(split: Split) -> NDArray[np.bool_]:
    """Return which fresh rows hold no word that training has not seen."""
    kept = np.ones(len(split.fresh[split.target]), dtype=bool)
    for name in split.words & set(split.features):
        seen = set(split.known[name]) | {""}
        kept &= np.array([cell in seen for cell in split.fresh[name]])
    return kept


def completed(split: Split, kept: NDArray[np.bool_], answer: Forecast | Classes) -> Forecast | Classes:
    """Return the answer for all rows, from that for the rows that were kept."""
    refused = int((~kept).sum())
    if isinstance(answer, Classes):
        counts = Counter(split.known[split.target])
        probabilities = np.tile([counts[name] / counts.total() for name in answer.names], (len(kept), 1))
        probabilities[kept] = answer.probabilities
        return replace(answer, probabilities=probabilities, refused=refused)
    whole = Forecast.of_targets(numbers(split.known[split.target]), len(kept))
    location, quantiles = whole.location.copy(), whole.quantiles.copy()
    location[kept], quantiles[kept] = answer.location, answer.quantiles
    assert quantiles.shape[1] == len(LEVELS)
    return Forecast(location, quantiles, answer.reported_rmse, refused)
