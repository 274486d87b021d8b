"""Real tables by seed: four fifths to learn from and one fifth to be judged by; five seeds in a row judge every row once."""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import cache

import numpy as np

from benchmarks.accuracy.environment import TABLES
from benchmarks.accuracy.tables import sources
from benchmarks.accuracy.tables.kinds import FRESH_ROWS
from benchmarks.accuracy.tables.table import Columns, Split, Table, columns_of, numbers

MAX_KNOWN_ROWS = 1200
"""Of larger tables so many rows are drawn to learn from; nothing else in the exam takes longer."""

FOLDS = 5


@cache
def _read(name: str) -> tuple[dict[str, list[str]], frozenset[str]]:
    path = TABLES / f"{name}.json"
    content = json.loads(path.read_text())
    return content["columns"], frozenset(content["words"])


def _rows(columns: Columns, places: Sequence[int]) -> dict[str, Sequence[str]]:
    return {name: [cells[place] for place in places] for name, cells in columns.items()}


def _draw(source: sources.Source) -> Callable[[int], Split]:
    def draw(seed: int) -> Split:
        columns, words = _read(source.name)
        order = np.random.default_rng([seed // FOLDS, 9]).permutation(len(columns[source.target]))
        parts = np.array_split(order, FOLDS)
        fresh = parts.pop(seed % FOLDS)[:FRESH_ROWS].tolist()
        known = np.concatenate(parts)[:MAX_KNOWN_ROWS].tolist()
        return Split(_rows(columns, known), _rows(columns, fresh), source.target, words)

    return draw


def real() -> Iterator[Table]:
    """Yield the real tables with numeric targets."""
    for phase, found in (("development", sources.DEVELOPMENT), ("confirmation", sources.CONFIRMATION)):
        for source in found:
            is_quick = phase == "development" and source.name in sources.QUICK
            yield Table(source.name, "real", _draw(source), phase, is_quick)


def classes() -> Iterator[Table]:
    """Yield the real tables with classes to be told apart."""
    found = (("development", sources.CLASSES_DEVELOPMENT), ("confirmation", sources.CLASSES_CONFIRMATION))
    for phase, tables in found:
        for source in tables:
            yield Table(source.name, "classes", _draw(source), phase, source.name in sources.QUICK)


def _cut(name: str, target: str, rows: int, noise: int) -> Callable[[int], Split]:
    def draw(seed: int) -> Split:
        columns, _ = _read(name)
        rng = np.random.default_rng([seed, rows, noise])
        order = rng.permutation(len(columns[target]))
        features = np.column_stack([numbers(cells) for other, cells in columns.items() if other != target])
        features = np.column_stack([features, rng.standard_normal((len(features), noise))])[order]
        truth = numbers(columns[target])[order]
        return Split(columns_of(features[:rows], truth[:rows]), columns_of(features[rows:], truth[rows:]), "y")

    return draw


def parts_of_real() -> Iterator[Table]:
    """Yield the kinds that are made from scikit-learn's tables: few of their rows, or noise beside their columns."""
    for rows, noise in ((60, 0), (350, 0), (120, 30), (350, 50)):
        name = f"diabetes {rows}x10" if not noise else f"diabetes + noise columns {rows}x{10 + noise}"
        yield Table(name, "kinds", _cut("diabetes", "target", rows, noise), is_quick=noise == 30)
    yield Table("linnerud 14x3", "kinds", _cut("linnerud", "Pulse", 14, 0))
