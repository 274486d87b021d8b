"""What the candidates of a mixture learn from, and what each of them promises."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import numpy as np

from model.arrays import FloatArray, IntArray
from model.fitting.candidates.folds import Folds
from model.posterior import LeaveOneOut
from model.predictors import Part


@dataclass(frozen=True, eq=False)
class Task:
    """A table of numbers without gaps, its scaled targets, and which rows are left out together."""

    columns: FloatArray
    """(rows, columns)"""
    targets: FloatArray
    """(rows, targets): of mean 0 and deviation 1."""
    folds: Folds
    limits: FloatArray
    """(2, columns): outlying cells are brought to these before they are learned from."""
    seed: int
    learns_spread: bool = True
    """Whether intervals may follow the noise from row to row."""

    def generator(self, *numbers: int) -> np.random.Generator:
        """Return a generator of its own for each purpose."""
        return np.random.default_rng([self.seed, *numbers])


class Answers(NamedTuple):
    """What a candidate says of rows, in scaled units."""

    locations: FloatArray
    """(rows, targets)"""
    variances: FloatArray
    """(rows, targets): what the candidate itself claims."""


class Fitted(Protocol):
    """A candidate that was trained on all rows."""

    @property
    def part(self) -> Part:
        """What answers for it in a mixture."""

    @property
    def left_out(self) -> LeaveOneOut | None:
        """What it would say of each row without it, reckoned from its leverages; None: that is not known."""

    @property
    def effective(self) -> FloatArray | None:
        """(targets,): how many parameters the rows determine."""


class Candidate(Protocol):
    """One way to learn a table."""

    name: str
    prior: float
    """By how much it is preferred beforehand."""
    has_leverages: bool
    """Whether what is fitted to all rows tells what it would say of each without it."""

    @property
    def cost(self) -> float:
        """About how many floating-point operations it takes to judge and to fit it."""

    def judge(self, folds: Sequence[int]) -> Answers:
        """Answer the rows of these folds, in the order of `Folds.rows_of`, each by what was trained without its fold."""

    def fit(self, members: int) -> Fitted:
        """Train on all rows; of candidates with random starts so many."""


def answer_by_fold(task: Task, folds: Sequence[int], each: Sequence[Answers]) -> Answers:
    """Put the answers to each fold's rows in the order of the rows."""
    order: IntArray = np.argsort(np.concatenate([task.folds.rows_of((fold,)) for fold in folds]), kind="stable")
    return Answers(*(np.concatenate(parts)[order] for parts in zip(*each, strict=True)))
