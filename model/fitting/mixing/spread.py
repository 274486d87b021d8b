"""Fitting the spread model: where residuals of unseen rows are larger, intervals are wider.

Learned is u = log(residual^2 / variance), the variance being what the mixture says of the row; from the columns, the
location, and the logarithms of the variance and of how far the candidates disagree. What learns it are the mean,
shallow trees and a ridge, stacked by rows that they have not seen.
"""

from typing import NamedTuple

import numpy as np

from model.arrays import FloatArray, IntArray
from model.candidates import TreeOptions, fit_oblivious_trees, fit_ridge
from model.fitting.candidates import score_rows
from model.fitting.mixing.weights import HOLD, stack_locations
from model.predictors import TargetSpread
from model.table import NetworkInputs, standardise

MIN_ROWS = 60
FLOOR = 1e-3
"""Of the median square: so that a residual of 0 has a logarithm."""
DISAGREEMENT_FLOOR = 1e-4
TREES = TreeOptions(depth=3, rate=0.05, l2=10.0, leaf_l2=10.0, max_trees=300, patience=30, bins=32)
MAX_LOG_FACTOR = 4.0
MIN_GAIN_NATS = 2.0
"""A spread model that gains less is left out: it would be served for nothing."""


class SpreadFeatures(NamedTuple):
    """What the spread of one target is learned from."""

    columns: FloatArray
    """(rows, columns)"""
    location: FloatArray
    variance: FloatArray
    disagreement: FloatArray
    residuals: FloatArray


class FittedSpread(NamedTuple):
    """A spread model, with its factors (rows,) for rows that it has not seen."""

    model: TargetSpread | None
    factors: FloatArray
    gain: float
    """By how much more probable it makes rows that it has not seen, in nats."""

    @staticmethod
    def even(rows: int, gain: float = 0.0) -> "FittedSpread":
        """Return the spread that is the same everywhere."""
        return FittedSpread(None, np.ones(rows), gain)


def fit_spread(features: SpreadFeatures, fold: IntArray, rng: np.random.Generator) -> FittedSpread:
    """Fit the spread of one target; `fold` (rows,) is that of each row."""
    squares = features.residuals**2 / features.variance
    middle = float(np.median(squares))
    if not middle > 0.0:
        return FittedSpread.even(len(fold))
    logs = np.log(squares + FLOOR * middle)
    floor = np.array([DISAGREEMENT_FLOOR * float(np.mean(features.residuals**2))])
    extra = (features.location, np.log(features.variance), np.log(features.disagreement + floor))
    table = np.column_stack([features.columns, *extra])
    scaler = standardise(table, ())
    inputs = NetworkInputs.from_scaler(np.arange(table.shape[1]), scaler)
    scaled, number = inputs.apply(table), np.unique(fold, return_inverse=True)[1]
    trees, line = fit_oblivious_trees(scaled, logs, number, rng, TREES), fit_ridge(scaled, logs, number)
    said = np.stack([_leave_out_means(logs, number), trees.out_of_fold, line.out_of_fold])
    errors = ((logs - said) ** 2).mean(axis=1)
    weights = stack_locations(said, logs, 2 * HOLD * float(logs.var()) / float(errors.min()))
    level = float(logs.mean())
    out_of_fold = weights @ said - level
    limits = np.clip([out_of_fold.min(), out_of_fold.max()], -MAX_LOG_FACTOR, MAX_LOG_FACTOR)
    base = np.array([(weights[0] - 1.0) * level])
    model = TargetSpread(inputs, (trees.fitted, line.fitted), weights[1:], base, floor, limits)
    factors = np.exp(np.clip(out_of_fold, *limits))
    gain = _measure_gain(features, factors)
    return FittedSpread(model, factors, gain) if gain > MIN_GAIN_NATS else FittedSpread.even(len(fold), gain)


def _measure_gain(features: SpreadFeatures, factors: FloatArray) -> float:
    before, after = (score_rows(features.residuals, features.variance * each).log_densities for each in (1.0, factors))
    return float((after - before).sum())


def _leave_out_means(logs: FloatArray, fold: IntArray) -> FloatArray:
    sums, sizes = np.bincount(fold, logs), np.bincount(fold)
    return np.asarray(((logs.sum() - sums) / (len(logs) - sizes))[fold])
