"""What is counted of a model's answers: one call for each answer, or for several that were made together."""

import math
from collections.abc import Sequence
from itertools import cycle
from time import perf_counter
from typing import Any

import numpy as np

from app.counts import Counts
from app.errors import shorten
from app.metrics.families import (
    DURATION,
    EXTRAPOLATED,
    MAX_FEATURES,
    MAX_MODELS,
    MODEL_PREDICTIONS,
    OTHER,
    PREDICTIONS,
    WIDTH,
)
from app.metrics.histogram import FEW, Histogram
from model.arrays import BoolArray, FloatArray
from model.checkpoint import Checkpoint
from model.predictors import Classification, Prediction

Outcome = Prediction | Classification

MAX_LABEL_CHARACTERS = 100
"""Of a feature's name as a label."""

MAX_WIDTH = 1e6
"""Wider intervals are counted as so wide: one that is nearly infinite would be all that the sum tells."""

FEW_CELLS = 1000


class AnswerCounts:
    """What the answers of all models share."""

    def __init__(self, counts: Counts) -> None:
        self.counts = counts
        self.rows = _place(counts, (PREDICTIONS,))
        self.durations, self.widths = Histogram(counts, DURATION), Histogram(counts, WIDTH)
        _place(counts, (MODEL_PREDICTIONS, OTHER))
        _place(counts, (EXTRAPOLATED, OTHER, OTHER))


class AnswerMetrics:
    """Counts the answers of one version of a model."""

    def __init__(self, shared: AnswerCounts, name: str, checkpoint: Checkpoint[Any]) -> None:
        self._shared, counts, signature = shared, shared.counts, checkpoint.predictor.signature
        has_own = counts.place(MODEL_PREDICTIONS, name, limit=MAX_MODELS + 1) is not None
        label = name if has_own else OTHER
        self._rows = shared.rows, _place(counts, (MODEL_PREDICTIONS, label))
        self._features = [_place_feature(counts, label, column.name) for column in signature.features]
        deviations = checkpoint.report.find_deviations()
        self._deviations = [deviations.get(column.name, math.nan) for column in signature.targets]

    def record(self, seconds: Sequence[float], outcome: Outcome) -> None:
        """Count answers, which took so long each, and what was answered for all their rows."""
        widths = self._find_widths(outcome) if isinstance(outcome, Prediction) else ()
        outside, rows = _count_outside(outcome.extrapolated), len(outcome.extrapolated)
        with self._shared.counts.lock:
            numbers = self._shared.counts.numbers
            for place in self._rows:
                numbers[place] += rows
            for place, count in zip(self._features, outside, strict=False):
                numbers[place] += count
            self._shared.durations.observe(seconds)
            self._shared.widths.observe(widths)

    def _find_widths(self, prediction: Prediction) -> Sequence[float] | FloatArray:
        """Return the widths of all intervals that are known, in standard deviations of the training's targets."""
        lower, upper = prediction.lower, prediction.upper
        if lower is None or upper is None:
            return ()
        if upper.size < FEW:
            bounds = zip(lower.ravel().tolist(), upper.ravel().tolist(), cycle(self._deviations), strict=False)
            few = [(most - least) / deviation for least, most, deviation in bounds]
            if sum(few) < MAX_WIDTH:  # so none is NaN, either
                return few
        with np.errstate(all="ignore"):
            widths: FloatArray = ((upper - lower) / self._deviations).ravel()
        return np.minimum(widths[~np.isnan(widths)], MAX_WIDTH)


class OneAnswer:
    """One answer that is being made, from when its request has been read."""

    def __init__(self, metrics: AnswerMetrics) -> None:
        self._metrics, self._began = metrics, perf_counter()
        self._outcome: Outcome | None = None

    def note(self, outcome: Outcome) -> None:
        """Note what is answered."""
        self._outcome = outcome

    def end(self) -> None:
        """Count the answer, which is ready to be sent."""
        if self._outcome is not None:
            self._metrics.record([perf_counter() - self._began], self._outcome)
            self._outcome = None


def _place_feature(counts: Counts, label: str, feature: str) -> int:
    """Return where it is counted how often a feature was outside its range: by itself, or with others that have no place."""
    text = shorten(feature, MAX_LABEL_CHARACTERS)
    own = counts.place(EXTRAPOLATED, label, text, limit=MAX_FEATURES)
    return own if own is not None else _place(counts, (EXTRAPOLATED, label, OTHER), (EXTRAPOLATED, OTHER, OTHER))


def _place(counts: Counts, *names: tuple[str, ...]) -> int:
    """Return where the first of these is that has a place; the last one has."""
    return next(place for name in names if (place := counts.place(*name)) is not None)


def _count_outside(extrapolated: BoolArray) -> Sequence[int]:
    """Return for each feature how many rows are outside its range; nothing if none is."""
    if extrapolated.size < FEW_CELLS and b"\1" not in extrapolated.tobytes():  # a tenth of what `any` takes
        return ()
    found: list[int] = extrapolated.sum(axis=0).tolist()
    return found
