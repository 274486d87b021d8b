"""What candidates for classes learn from, and what each of them promises."""

from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from model.arrays import FloatArray, IntArray
from model.fitting.candidates import Folds
from model.predictors import ClassPart


@dataclass(frozen=True, eq=False)
class ClassTask:
    """A table of numbers without gaps, the class of each row, and which rows are left out together."""

    columns: FloatArray
    """(rows, columns)"""
    labels: IntArray
    """(rows,): from 0."""
    classes: int
    folds: Folds
    limits: FloatArray
    """(2, columns): outlying cells are brought to these before they are learned from."""
    seed: int

    @cached_property
    def judged_labels(self) -> IntArray:
        """The classes of the judged rows."""
        return self.labels[self.folds.judged_rows]


PRIOR_ROWS = 3.0
"""Of few rows chance alone would choose."""


class ClassCandidate(Protocol):
    """One way to tell classes apart."""

    name: str
    prior_rows: float
    """So many rows speak for it beforehand."""

    @property
    def cost(self) -> float:
        """About how many floating-point operations it takes to judge and to fit it."""

    def judge(self) -> FloatArray:
        """Return logits (members, judged rows, classes), each row's by what was trained without its fold."""

    def fit(self, share: float) -> ClassPart:
        """Train on all rows what answers with this share of the weight. It has been judged before."""
