"""Limits that settings choose: what a training may have and take."""

from app.limits.training import (
    NO_MEMORY,
    TrainingLimits,
    check_table_size,
    check_training,
    find_limits,
    took_too_long,
    train_within,
)

__all__ = [
    "NO_MEMORY",
    "TrainingLimits",
    "check_table_size",
    "check_training",
    "find_limits",
    "took_too_long",
    "train_within",
]
