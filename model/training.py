"""Training: from a table and options to a checkpoint."""

import numpy as np

from model.budget import Budget
from model.checkpoint import Checkpoint
from model.classification import train_classifier
from model.course import OnEpoch, fit
from model.errors import OptionsError
from model.regression import train_predictor
from model.spec import TrainingSpec
from model.workshop import Workshop


def train(spec: TrainingSpec, on_epoch: OnEpoch = lambda _epoch, _loss: None) -> Checkpoint:
    """Scale the table, train the ensemble, try what goes beyond it, calibrate, score.

    Raises `OptionsError` if the options do not fit the table, `TrainingFailed` if no usable network
    came out, and whatever `on_epoch` raises.
    """
    classifies = spec.signature.classifies
    if classifies and not spec.trainer.classifies:
        raise OptionsError(
            f"{spec.trainer.name} learns numbers, not categories; use lbfgs, or leave the choice to the service"
        )
    workshop = Workshop(spec.seed, Budget(spec.trainer.refinements.budget, len(spec.dataset)), on_epoch)
    with np.errstate(all="ignore"):  # a training that diverges is told so by its course, not by warnings
        return train_classifier(spec, workshop) if classifies else train_predictor(spec, workshop)


__all__ = ["OnEpoch", "TrainingSpec", "fit", "train"]
