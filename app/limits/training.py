"""Limits of a training: what its table may have, and what it may take, reckoned before anything is trained. Settings choose them."""

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any

import numpy as np

from app.budget import MAX_COLUMNS, MAX_PARAMETERS, MAX_TRAINING_VALUES
from app.errors import BodyTooLarge
from app.memory import RESERVE_BYTES, find_machine_memory, find_room, growing_by
from model.checkpoint import Checkpoint
from model.errors import OptionsError, TrainingFailed
from model.network import Architecture
from model.training import OnEpoch, TrainingSpec, estimate_memory, train

if TYPE_CHECKING:  # a training process does not load it
    from app.settings import Settings

CHOOSE_FEWER = "choose smaller hidden_layers, fewer members or fewer rows"
NO_MEMORY = f"the training needs more memory than there is: {CHOOSE_FEWER}"

SPARED_BYTES = RESERVE_BYTES // 2
"""Of the room that there is, so much is not for trainings: the server goes on meanwhile."""


@dataclass(frozen=True)
class TrainingLimits:
    """What a table may have, and a training take; the setting of each has its name."""

    max_rows: int = 10_000_000
    max_columns: int = MAX_COLUMNS
    max_parameters: int = MAX_PARAMETERS
    max_epochs: int = 100_000_000
    max_train_memory_bytes: int = 4 * 1024**3


def find_limits(settings: "Settings") -> TrainingLimits:
    """Return what settings allow; of memory by default half of the machine's."""
    chosen = {field.name: getattr(settings, field.name) for field in fields(TrainingLimits)}
    if chosen["max_train_memory_bytes"] is None:
        chosen["max_train_memory_bytes"] = min(TrainingLimits.max_train_memory_bytes, find_machine_memory() // 2)
    return TrainingLimits(**chosen)


def check_table_size(rows: int, columns: int, limits: TrainingLimits) -> None:
    """Raise `BodyTooLarge` for a table of too many rows or columns."""
    for count, most, what in ((rows, limits.max_rows, "rows"), (columns, limits.max_columns, "columns")):
        if count > most:
            raise BodyTooLarge(
                f"the table has {count:,} {what}, more than the {most:,} allowed (SCORECAST_MAX_{what.upper()}): send fewer"
            )


def check_training(spec: TrainingSpec, limits: TrainingLimits) -> None:
    """Raise `OptionsError` for a training that would take too much, `BodyTooLarge` for one of too many rows."""
    check_table_size(len(spec.dataset), 0, limits)
    sizes, trainer = spec.layer_sizes(), spec.trainer
    parameters = Architecture(sizes).parameter_count * trainer.members
    if parameters > limits.max_parameters:
        raise OptionsError(
            f"the networks would have {parameters:,} parameters together, more than the {limits.max_parameters:,} allowed "
            "(SCORECAST_MAX_PARAMETERS): choose fewer or smaller hidden_layers, or fewer members"
        )
    if trainer.max_epochs > limits.max_epochs:
        raise OptionsError(
            f"max_epochs is {trainer.max_epochs:,}, more than the {limits.max_epochs:,} allowed (SCORECAST_MAX_EPOCHS): "
            "choose fewer"
        )
    if len(spec.dataset) * sum(sizes) > MAX_TRAINING_VALUES:
        raise OptionsError(
            f"{len(spec.dataset):,} rows times {sum(sizes):,} inputs and units are more than the {MAX_TRAINING_VALUES:,} "
            "allowed: choose fewer or smaller hidden_layers, or fewer rows"
        )
    if (needed := estimate_memory(spec)) > limits.max_train_memory_bytes:
        raise OptionsError(
            f"the training would take about {needed:,} bytes of memory, more than the {limits.max_train_memory_bytes:,} "
            "allowed (SCORECAST_MAX_TRAIN_MEMORY_BYTES): choose fewer or smaller hidden_layers, or fewer rows"
        )


def took_too_long(seconds: float) -> TrainingFailed:
    """Return why a training ended that was not done in the seconds allowed."""
    return TrainingFailed(
        f"the training took longer than the {seconds:g} seconds allowed (SCORECAST_MAX_TRAIN_SECONDS): choose fewer epochs, "
        "members or rows, or a smaller network"
    )


def train_within(limits: TrainingLimits, spec: TrainingSpec, on_epoch: OnEpoch) -> Checkpoint[Any]:
    """Train, in a process that does nothing else, with no more memory than is allowed, or there.

    Raises `OptionsError` if that is not enough, before or while it is taken, and what `check_training` and `train` raise.
    """
    check_training(spec, limits)
    _have_blas_take_its_buffer()
    most, room = limits.max_train_memory_bytes, find_room() - SPARED_BYTES
    if estimate_memory(spec) > room:
        raise OptionsError(NO_MEMORY)
    try:
        with growing_by(min(most, room)):
            return train(spec, on_epoch)
    except MemoryError:
        if room < most:
            raise OptionsError(NO_MEMORY) from None
        raise OptionsError(
            f"the training needed more memory than the {most:,} bytes allowed (SCORECAST_MAX_TRAIN_MEMORY_BYTES): "
            + CHOOSE_FEWER
        ) from None


def _have_blas_take_its_buffer() -> None:
    """Multiply two matrices that are not small: OpenBLAS takes some 32 MB at the first such product, and keeps them.

    Within a limit that does not leave so much it would end the process, which could not tell why.
    """
    square = np.ones((200, 200))
    np.matmul(square, square)
