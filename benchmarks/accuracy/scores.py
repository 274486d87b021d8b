"""Scores of forecasts: RMSE, CRPS, interval score and coverage; log-loss and accuracy of classes.

CRPS and interval score are proper: Gneiting and Raftery (2007), Strictly Proper Scoring Rules, Prediction, and Estimation.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmarks.accuracy.forecast import MIDPOINTS, Classes, Floats, Forecast

MIN_ROWS_OF_CATEGORY = 20
"""Coverage within a category is told from so many rows on."""

PARTS = 10
"""Rows are ordered by predicted width and cut into so many parts."""


def pinball(truth: Floats, quantile: Floats, level: float) -> Floats:
    """Return the pinball loss of each row (rows,)."""
    above = truth - quantile
    return np.maximum(level * above, (level - 1) * above)


def crps(truth: Floats, forecast: Forecast) -> float:
    """Return the mean continuous ranked probability score: twice the pinball loss, averaged over the levels."""
    return float(2 * np.mean([pinball(truth, forecast.at(level), level) for level in MIDPOINTS]))


def interval_score(truth: Floats, lower: Floats, upper: Floats, coverage: float) -> float:
    """Return the mean interval score: width, and 2 / (1 - coverage) times how far outside the truth lies."""
    outside = np.maximum(lower - truth, 0) + np.maximum(truth - upper, 0)
    return float(np.mean(upper - lower + 2 / (1 - coverage) * outside))


def is_covered(truth: Floats, lower: Floats, upper: Floats) -> Floats:
    """Return 1 for each row inside its interval, else 0 (rows,)."""
    return ((lower <= truth) & (truth <= upper)).astype(float)


def coverage_by_width(covered: Floats, width: Floats) -> list[float]:
    """Return the coverage in each tenth of the rows, from narrow intervals to wide ones; all of it if rows are few."""
    parts = np.array_split(covered[np.argsort(width, kind="stable")], PARTS)
    return [float(part.mean()) if len(part) else float(covered.mean()) for part in parts]


def coverage_by_category(covered: Floats, words: Mapping[str, Sequence[str]]) -> dict[str, tuple[int, float]]:
    """Return rows and coverage of each word of each column that enough rows have, by `column=word`."""
    found: dict[str, tuple[int, float]] = {}
    for column, cells in words.items():
        values = np.array(cells)
        for word in sorted(set(cells)):
            has = values == word
            if has.sum() >= MIN_ROWS_OF_CATEGORY:
                found[f"{column}={word}"] = int(has.sum()), float(covered[has].mean())
    return found


def regression_scores(truth: Floats, forecast: Forecast, words: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Return all scores of a numeric target, for a line of the results."""
    wide, narrow = (forecast.at(0.025), forecast.at(0.975)), (forecast.at(0.1), forecast.at(0.9))
    covered = is_covered(truth, *wide)
    return {
        "rmse": float(np.sqrt(np.mean((truth - forecast.location) ** 2))),
        "crps": crps(truth, forecast),
        "is95": interval_score(truth, *wide, 0.95),
        "is80": interval_score(truth, *narrow, 0.8),
        "cover95": float(covered.mean()),
        "cover80": float(is_covered(truth, *narrow).mean()),
        "tenths": coverage_by_width(covered, wide[1] - wide[0]),
        "categories": coverage_by_category(covered, words),
        "reported": forecast.reported_rmse,
        "refused": forecast.refused,
        "deviation": float(truth.std()),
        "rows": len(truth),
    }


def classification_scores(truth: Sequence[str], classes: Classes) -> dict[str, Any]:
    """Return log-loss in nats and accuracy, for a line of the results; a class never seen counts with 1e-15."""
    places = {name: place for place, name in enumerate(classes.names)}
    given = np.array(
        [row[places[name]] if name in places else 0.0 for name, row in zip(truth, classes.probabilities, strict=True)]
    )
    chosen = [classes.names[place] for place in classes.probabilities.argmax(axis=1)]
    return {
        "log_loss": float(-np.mean(np.log(np.maximum(given, 1e-15)))),
        "accuracy": float(np.mean([one == other for one, other in zip(chosen, truth, strict=True)])),
        "refused": classes.refused,
        "rows": len(truth),
    }
