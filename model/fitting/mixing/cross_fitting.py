"""Cross-fitting: each candidate is asked about rows that it has not seen; those that are surely worse are not asked again.

That is never decided after a single fold, since one network may have ended in a poor minimum. Most of the time saved is
that of overconfident candidates, which are the dear ones.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from model.arrays import FloatArray
from model.fitting.candidates import Answers, Candidate, Task, is_surely_behind, score_rows

MIN_ROWS_TO_DROP = 60
"""Of shorter tables all folds are trained side by side, which takes hardly longer than two of them."""
FIRST_FOLDS = 2


@dataclass(frozen=True, eq=False)
class CrossFitted:
    """A candidate, and what it said of the rows that were left out."""

    candidate: Candidate
    answers: Answers
    """Of all judged rows."""


@dataclass(frozen=True, eq=False)
class CrossFit:
    """What came of asking all candidates."""

    judged: tuple[CrossFitted, ...]
    behind: tuple[str, ...]
    """Names of those that were surely worse after two folds."""


def cross_fit(task: Task, candidates: Sequence[Candidate]) -> CrossFit:
    """Ask each candidate about the rows of the first two folds, then those that may be of use about the others."""
    drops = len(task.targets) > MIN_ROWS_TO_DROP and len(task.folds.judged) > FIRST_FOLDS
    count = FIRST_FOLDS if drops else len(task.folds.judged)
    first, rest = task.folds.judged[:count], task.folds.judged[count:]
    answers = {candidate.name: candidate.judge(first) for candidate in candidates}
    rows = task.folds.rows_of(first)
    behind = find_behind(task.targets[rows], answers) if drops else set[str]()
    asked = [candidate for candidate in candidates if candidate.name not in behind]
    joined = [CrossFitted(each, _ask_further(task, each, answers[each.name], rest)) for each in asked]
    return CrossFit(tuple(joined), tuple(sorted(behind)))


def find_behind(targets: FloatArray, answers: Mapping[str, Answers]) -> set[str]:
    """Return the names of candidates whose log scores are surely below the best one's; the mean always stays."""
    scores = {name: sum_log_densities(targets, each) for name, each in answers.items()}
    best = max(scores.values(), key=lambda each: float(each.sum()))
    return {name for name, score in scores.items() if name != "mean" and is_surely_behind(score, best)}


def sum_log_densities(targets: FloatArray, answers: Answers) -> FloatArray:
    """Return the log density (rows,) of all targets (rows, targets) together."""
    residuals = targets - answers.locations
    each = [score_rows(*pair).log_densities for pair in zip(residuals.T, answers.variances.T, strict=True)]
    return np.asarray(np.sum(each, axis=0))


def _ask_further(task: Task, candidate: Candidate, first: Answers, rest: tuple[int, ...]) -> Answers:
    """Return the answers to all judged rows, those of the first folds among them."""
    if not rest:
        return first
    further = candidate.judge(rest)
    rows = [task.folds.rows_of(task.folds.judged[: -len(rest)]), task.folds.rows_of(rest)]
    order = np.argsort(np.concatenate(rows), kind="stable")
    return Answers(*(np.concatenate(parts)[order] for parts in zip(first, further, strict=True)))
