"""What Scorecast is asked, in this process or over HTTP; rows that it refuses are answered for it."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from benchmarks.accuracy.forecast import Classes, Forecast
from benchmarks.accuracy.tables.table import Columns, Split, numbers

NAME = "exam"
"""Of the model."""

Answer = Forecast | Classes


class RefusedError(Exception):
    """Scorecast does not answer these rows."""


def choices(split: Split) -> dict[str, str]:
    """Return the query that declares a split's table as its owner would."""
    named = {"targets": _listed({split.target})}
    if split.words:
        named["categories"] = _listed(split.words)
    return {**named, **({"missing": "mean"} if split.has_gaps else {})}


def _listed(names: set[str] | frozenset[str]) -> str:
    return ",".join(f'"{name}"' if "," in name else name for name in sorted(names))


def features_of(split: Split) -> Columns:
    """Return the rows to be judged by without the target."""
    return {name: split.fresh[name] for name in split.features}


def answer_all(split: Split, answer: Callable[[Split], Answer]) -> Answer:
    """Return the answer for all rows.

    If it is refused, that for the rows without unseen words, and for the others the training targets' mean and quantiles.
    """
    try:
        return answer(split)
    except RefusedError:
        kept = answerable(split)
        fresh = {name: np.array(cells)[kept].tolist() for name, cells in split.fresh.items()}
        return completed(split, kept, answer(replace(split, fresh=fresh)))


def answerable(split: Split) -> NDArray[np.bool_]:
    """Return which fresh rows hold no word that training has not seen."""
    kept = np.ones(len(split.fresh[split.target]), dtype=bool)
    for name in split.words & set(split.features):
        seen = set(split.known[name]) | {""}
        kept &= np.array([cell in seen for cell in split.fresh[name]])
    return kept


def completed(split: Split, kept: NDArray[np.bool_], answer: Answer) -> Answer:
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
    return Forecast(location, quantiles, answer.reported_rmse, refused)
