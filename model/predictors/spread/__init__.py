"""How far truth is scattered around an answer: by row, by probability, and as one distribution."""

from model.predictors.spread.distribution import Distribution
from model.predictors.spread.noise_network import MAX_LOG_MULTIPLIER, NoiseNetwork, noise_architecture, to_multipliers
from model.predictors.spread.quantiles import KNOTS, EmpiricalQuantiles, Quantiles, StudentQuantiles
from model.predictors.spread.spread_model import EXTRA_COLUMNS, SpreadModel, TargetSpread

__all__ = [
    "EXTRA_COLUMNS",
    "KNOTS",
    "MAX_LOG_MULTIPLIER",
    "Distribution",
    "EmpiricalQuantiles",
    "NoiseNetwork",
    "Quantiles",
    "SpreadModel",
    "StudentQuantiles",
    "TargetSpread",
    "noise_architecture",
    "to_multipliers",
]
