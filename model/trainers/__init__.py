"""Trainers: the algorithms that fit a network's parameters to a dataset, one a file.

A trainer is a frozen dataclass of its options with one generator, `epochs`. It knows only its next
step; the loop in `model.training` owns counting, stopping, progress and cancelling. A new trainer is
one file here and one line in the table; the contract tests pick it up.
"""

from model.trainers.contract import Epoch, NetworkOptions, Refinements, Trainer
from model.trainers.gradient_descent import GradientDescent
from model.trainers.lbfgs import LBFGS
from model.trainers.levenberg_marquardt import LevenbergMarquardt

TRAINERS: dict[str, type[Trainer]] = {trainer.name: trainer for trainer in (GradientDescent, LBFGS, LevenbergMarquardt)}

DEFAULT_TRAINER = "levenberg_marquardt"
DEFAULT_CLASSIFIER = "lbfgs"
"""The trainer where the request does not choose one: for numbers, and for categories."""

__all__ = [
    "DEFAULT_CLASSIFIER",
    "DEFAULT_TRAINER",
    "LBFGS",
    "TRAINERS",
    "Epoch",
    "GradientDescent",
    "LevenbergMarquardt",
    "NetworkOptions",
    "Refinements",
    "Trainer",
]
