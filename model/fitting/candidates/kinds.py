"""The candidates, one a line, and which of them a table is given."""

from collections.abc import Callable
from typing import NamedTuple

from model.candidates import MAX_ROWS
from model.fitting.candidates.contract import Candidate, Task
from model.fitting.candidates.functions import (
    MIN_KERNEL_ROWS,
    MIN_TREE_ROWS,
    KernelCandidate,
    MeanCandidate,
    TreesCandidate,
)
from model.fitting.candidates.networks import LINEAR, NETWORK, SCREENED, NetworkCandidate, NetworkKind, Training


class Entry(NamedTuple):
    """A candidate of the table."""

    make: Callable[[Task, Training], Candidate]
    min_rows: int = 1
    max_rows: float = float("inf")
    share: float = 1.0
    """Of the budget that is left, so much at most may be expected to go into it."""


def _networks(kind: NetworkKind) -> Callable[[Task, Training], Candidate]:
    return lambda task, training: NetworkCandidate(task, kind, training)


CANDIDATES: tuple[Entry, ...] = (
    Entry(lambda task, _: MeanCandidate(task)),
    Entry(_networks(LINEAR)),
    Entry(_networks(SCREENED), share=0.5),
    Entry(_networks(NETWORK), share=0.8),
    Entry(lambda task, _: TreesCandidate(task), MIN_TREE_ROWS),
    Entry(lambda task, _: KernelCandidate(task), MIN_KERNEL_ROWS, MAX_ROWS),
)


class Choice(NamedTuple):
    """The candidates that a table is given, and those it is not."""

    candidates: tuple[Candidate, ...]
    over_budget: tuple[str, ...]


def choose_candidates(task: Task, training: Training) -> Choice:
    """Return the candidates that suit a table and that the budget can bear."""
    rows, columns = task.columns.shape
    suiting = [entry for entry in CANDIDATES if entry.min_rows <= rows <= entry.max_rows]
    entries = suiting if columns else CANDIDATES[:1]  # without columns there is nothing to know but the mean
    made = [(entry.make(task, training), entry.share) for entry in entries]
    left = training.fitter.budget.left
    affordable = [candidate for candidate, share in made if candidate.cost <= share * left]
    kept = {candidate.name for candidate in affordable}
    return Choice(tuple(affordable), tuple(each.name for each, _ in made if each.name not in kept))
