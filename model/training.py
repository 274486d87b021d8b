"""Training: from a table and options to a checkpoint."""

from typing import Any

from numpy.linalg import LinAlgError

from model.checkpoint import Checkpoint
from model.errors import TrainingFailed
from model.fitting import TrainingSpec, train_classifier, train_regression
from model.trainers import LevenbergMarquardt, OnEpoch, fit

DIVERGED = (
    "the training diverged: what came of it holds numbers that are not finite, or out of range; "
    "try a smaller learning_rate, or columns of more usual size"
)


def train(spec: TrainingSpec, on_epoch: OnEpoch = lambda _epoch, _loss, _network: None) -> Checkpoint[Any]:
    """Return what a spec asks for: a predictor of numbers or a classifier, with the report of its training.

    Raises `OptionsError` if the options do not fit the table, `TrainingFailed` if no usable network
    came out, and whatever `on_epoch` raises.
    """
    try:
        checkpoint = (train_classifier if spec.signature.is_classification else train_regression)(spec, on_epoch)
    except LinAlgError:
        raise TrainingFailed(DIVERGED) from None
    try:
        checkpoint.check()
    except ValueError:
        raise TrainingFailed(DIVERGED) from None
    return checkpoint


def count_epochs(spec: TrainingSpec) -> int | None:
    """Return how many epochs `train` reports at the most; None where nobody knows before.

    A trainer with patience stops when it is done. Classifiers, and what Levenberg-Marquardt trains, are judged on rows that
    they have not seen, and the networks that are trained for that count, too.
    """
    is_judged = spec.signature.is_classification or isinstance(spec.trainer, LevenbergMarquardt)
    return None if is_judged or spec.trainer.patience is not None else spec.trainer.max_epochs * spec.trainer.members


__all__ = ["OnEpoch", "TrainingSpec", "count_epochs", "fit", "train"]
