"""Mixing: candidates are judged by rows that they have not seen, weighted by what they are worth there, and calibrated there."""

from model.fitting.mixing.conduct import MAX_CLAIMS, MixtureFit, fit_mixture
from model.fitting.mixing.levels import add_levels, find_groups, set_levels_apart
from model.fitting.mixing.spread import MIN_ROWS as MIN_ROWS_FOR_SPREAD
from model.fitting.mixing.weights import drop_small, stack_locations

__all__ = [
    "MAX_CLAIMS",
    "MIN_ROWS_FOR_SPREAD",
    "MixtureFit",
    "add_levels",
    "drop_small",
    "find_groups",
    "fit_mixture",
    "set_levels_apart",
    "stack_locations",
]
