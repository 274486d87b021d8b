"""Fitting: how a training is conducted, from a table and options to a checkpoint."""

from model.fitting.classification import train_classifier
from model.fitting.evaluation import evaluate
from model.fitting.inspection import FEW_ROWS
from model.fitting.regression import train_regression
from model.fitting.spec import TrainingSpec

__all__ = [
    "FEW_ROWS",
    "TrainingSpec",
    "evaluate",
    "train_classifier",
    "train_regression",
]
