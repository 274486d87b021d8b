"""Predictors: what answers a row, with numbers and their intervals or with categories and their probabilities."""

from model.predictors.candidate_part import CandidatePart
from model.predictors.classes import ClassMixture, ClassNetworks, ClassPart, ClassShares, ClassTreesPart
from model.predictors.classifier import Classification, Classifier
from model.predictors.mixture import Mixture
from model.predictors.network_part import NetworkPart
from model.predictors.parts import ConstantPart, Part
from model.predictors.pieces import Pieces
from model.predictors.regressor import Prediction, Regressor
from model.predictors.spread import (
    EXTRA_COLUMNS,
    KNOTS,
    MAX_LOG_MULTIPLIER,
    Distribution,
    EmpiricalQuantiles,
    NoiseNetwork,
    Quantiles,
    SpreadModel,
    StudentQuantiles,
    TargetSpread,
    noise_architecture,
    to_multipliers,
)

__all__ = [
    "EXTRA_COLUMNS",
    "KNOTS",
    "MAX_LOG_MULTIPLIER",
    "CandidatePart",
    "ClassMixture",
    "ClassNetworks",
    "ClassPart",
    "ClassShares",
    "ClassTreesPart",
    "Classification",
    "Classifier",
    "ConstantPart",
    "Distribution",
    "EmpiricalQuantiles",
    "Mixture",
    "NetworkPart",
    "NoiseNetwork",
    "Part",
    "Pieces",
    "Prediction",
    "Quantiles",
    "Regressor",
    "SpreadModel",
    "StudentQuantiles",
    "TargetSpread",
    "noise_architecture",
    "to_multipliers",
]
