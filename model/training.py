"""Training: from a table and options to a checkpoint."""

from typing import Any

from numpy.linalg import LinAlgError

from model.checkpoint import Checkpoint
from model.errors import TrainingFailed
from model.fitting import TrainingSpec, is_in_proportion, train_classifier, train_regression
from model.network import Architecture
from model.posterior import block_bytes
from model.trainers import LBFGS, Budget, LevenbergMarquardt, OnEpoch, fit

TABLE_COPIES = 4
"""How often the cells of a table are held: encoded, scaled, ordered, as parts for cross-validation; the least, as measured."""

MAX_COUNTED_LEVELS = 40
"""Of a feature's categories, in the estimate of what a training takes."""

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


def estimate_memory(spec: TrainingSpec) -> int:
    """Return about how many bytes `train` takes beside the table, rather too few than too many.

    So more than this does not fit for certain. What a feature's many categories take is not known before: they may get effects.
    """
    rows, architecture = len(spec.dataset), Architecture(spec.layer_sizes(MAX_COUNTED_LEVELS))
    cells = rows * (architecture.layer_sizes[0] + architecture.layer_sizes[-1])
    trainer, budget = spec.trainer, Budget(spec.trainer.refinements.budget, rows)
    used = trainer if is_in_proportion(trainer, architecture, rows, budget) else LBFGS()
    held = 8 * (TABLE_COPIES * cells + trainer.members * architecture.parameter_count)
    posterior = 0 if spec.signature.is_classification else block_bytes(architecture, rows)
    return int(held + max(used.epoch_bytes(architecture, rows), posterior))


def count_epochs(spec: TrainingSpec) -> int | None:
    """Return how many epochs `train` reports at the most; None where nobody knows before.

    A trainer with patience stops when it is done. Classifiers, and what Levenberg-Marquardt trains, are judged on rows that
    they have not seen, and the networks that are trained for that count, too.
    """
    is_judged = spec.signature.is_classification or isinstance(spec.trainer, LevenbergMarquardt)
    return None if is_judged or spec.trainer.patience is not None else spec.trainer.max_epochs * spec.trainer.members


__all__ = ["OnEpoch", "TrainingSpec", "count_epochs", "estimate_memory", "fit", "train"]
