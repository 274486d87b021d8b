"""Fitting: how a training is conducted, from a table and options to a checkpoint."""

from model.fitting.classification import train_classifier
from model.fitting.evaluation import evaluate
from model.fitting.inspection import MIN_ROWS_FOR_INTERVALS
from model.fitting.one_kind import is_in_proportion
from model.fitting.regression import train_regression
from model.fitting.spec import TrainingSpec

__all__ = [
    "MIN_ROWS_FOR_INTERVALS",
    "TrainingSpec",
    "evaluate",
    "is_in_proportion",
    "train_classifier",
    "train_regression",
]
