"""Trainers: the algorithms that fit a network's parameters to a dataset, one a file.

A trainer is a frozen dataclass of its options with one generator, `epochs`. It knows only its next
step; the loop in `model.training` owns counting, stopping, progress and cancelling. A new trainer is
one file here and one line in the table; the contract tests pick it up.
"""

from model.trainers.budget import Budget
from model.trainers.contract import Epoch, NetworkOptions, Refinements, Trainer
from model.trainers.gradient_descent import GradientDescent
from model.trainers.lbfgs import LBFGS
from model.trainers.levenberg_marquardt import LevenbergMarquardt
from model.trainers.loop import Fit, Learning, OnEpoch, fit
from model.trainers.stacked_levenberg_marquardt import fit_side_by_side

TRAINERS: dict[str, type[Trainer]] = {trainer.name: trainer for trainer in (GradientDescent, LBFGS, LevenbergMarquardt)}

DEFAULT_TRAINER = LevenbergMarquardt.name

__all__ = [
    "DEFAULT_TRAINER",
    "LBFGS",
    "TRAINERS",
    "Budget",
    "Epoch",
    "Fit",
    "GradientDescent",
    "Learning",
    "LevenbergMarquardt",
    "NetworkOptions",
    "OnEpoch",
    "Refinements",
    "Trainer",
    "fit",
    "fit_side_by_side",
]
