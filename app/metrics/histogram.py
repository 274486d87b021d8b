"""A histogram: how many values fell between which bounds, and their sum, among other counts."""

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np

from app.counts import Counts
from app.metrics.families import COUNTED, find_parts
from model.arrays import FloatArray

FEW = 100
"""Of so many values NumPy would take longer to begin than Python takes to sort them in."""


class Histogram:
    """One of the metrics that are counted. It is made before names can have used up their room."""

    def __init__(self, counts: Counts, metric: str) -> None:
        self._numbers = counts.numbers
        self._bounds = COUNTED[metric].bounds
        self._edges = np.array(self._bounds)
        places = [counts.place(metric, part) for part in find_parts(COUNTED[metric])]
        self._places = [place for place in places if place is not None]

    def observe(self, values: Sequence[float] | FloatArray) -> None:
        """Sort values in; with the lock of the counts held."""
        numbers, places = self._numbers, self._places
        if len(values) < FEW:
            self._observe_few(values)
            return
        found = np.bincount(self._edges.searchsorted(values), minlength=len(places) - 1)
        for place, count in zip(places, found.tolist(), strict=False):
            numbers[place] += count
        numbers[places[-1]] += float(np.sum(values))

    def _observe_few(self, values: Sequence[float] | FloatArray) -> None:
        numbers, places, bounds = self._numbers, self._places, self._bounds
        if len(values) == 0:
            return
        first, last = bisect_left(bounds, min(values)), bisect_left(bounds, max(values))
        if first == last:  # as mostly, where they were answered together
            numbers[places[first]] += len(values)
        else:
            for value in values:
                numbers[places[bisect_left(bounds, value)]] += 1
        numbers[places[-1]] += sum(values)
