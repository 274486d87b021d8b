"""Functions of many kinds, sizes and noises, from bends to stairs; see `benchmarks/problems.py`."""

from collections.abc import Callable, Iterator

from benchmarks.accuracy.tables.kinds import FRESH_ROWS
from benchmarks.accuracy.tables.table import Split, Table, made
from benchmarks.problems import Problem, problems

MAX_ROWS = 500
FRESH = 1_000_000
"""Added to a seed: the rows to be judged by are drawn apart."""


def functions() -> Iterator[Table]:
    """Yield a table for each problem of few rows."""
    for problem in problems():
        if problem.rows <= MAX_ROWS:
            kind = "" if problem.kind == "normal" else f" {problem.kind}"
            name = f"{problem.truth.__name__} {problem.rows}x{problem.features}, noise {problem.noise:g}{kind}"
            yield Table(name, "functions", _draw(problem))


def _draw(problem: Problem) -> Callable[[int], Split]:
    def draw(seed: int) -> Split:
        known, fresh = problem.draw(problem.rows, seed), problem.draw(FRESH_ROWS, FRESH + seed)
        return made((known.features, known.targets[:, 0]), (fresh.features, fresh.targets[:, 0]))

    return draw
