"""Predictors: what answers a row, with numbers and their intervals or with categories and their probabilities."""

from model.predictors.classifier import Classification, Classifier
from model.predictors.noise_network import NoiseNetwork, noise_architecture, to_multipliers
from model.predictors.regressor import Prediction, Regressor

__all__ = [
    "Classification",
    "Classifier",
    "NoiseNetwork",
    "Prediction",
    "Regressor",
    "noise_architecture",
    "to_multipliers",
]
