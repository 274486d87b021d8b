"""Training: from a table and options to a checkpoint."""

from typing import Any

from model.checkpoint import Checkpoint
from model.classification import train_classifier
from model.course import OnEpoch, fit
from model.regression import train_regression
from model.spec import TrainingSpec


def train(spec: TrainingSpec, on_epoch: OnEpoch = lambda _epoch, _loss: None) -> Checkpoint[Any]:
    """Return what a spec asks for: a predictor of numbers or a classifier, with the report of its training.

    Raises `OptionsError` if the options do not fit the table, `TrainingFailed` if no usable network
    came out, and whatever `on_epoch` raises.
    """
    return (train_classifier if spec.signature.is_classification else train_regression)(spec, on_epoch)


__all__ = ["OnEpoch", "TrainingSpec", "fit", "train"]
