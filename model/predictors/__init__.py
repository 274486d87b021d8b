"""Predictors: what answers a row, with numbers and their intervals or with categories and their probabilities."""

from model.predictors.classifier import Classification, Classifier
from model.predictors.noise_network import NoiseNetwork, as_multipliers, noise_architecture
from model.predictors.regressor import Prediction, Predictor

__all__ = [
    "Classification",
    "Classifier",
    "NoiseNetwork",
    "Prediction",
    "Predictor",
    "as_multipliers",
    "noise_architecture",
]
