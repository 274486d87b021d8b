"""Tables that are not a clean rectangle of numbers: gaps, outlying cells, zeros, words, positive amounts, very few rows."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from zlib import crc32

import numpy as np
from numpy.random import Generator

from benchmarks.accuracy.tables.kinds import FRESH_ROWS, dense_plane, friedman, smooth
from benchmarks.accuracy.tables.table import Floats, Split, Table, made
from benchmarks.problems import friedman_2

Change = Callable[[Generator, Floats, Floats], tuple[Floats, Floats]]
"""From features and targets to what stands in the table."""


def _cut(x: Floats, y: Floats, rows: int) -> Split:
    return made((x[:rows], y[:rows]), (x[rows:], y[rows:]))


def zero_heavy_counts(rng: Generator) -> Split:
    """Visits: three of four rows are zero, the others a skewed count."""
    x = rng.standard_normal((500 + FRESH_ROWS, 6))
    visits = rng.random(len(x)) < 1 / (1 + np.exp(1.5 - x[:, 0] - 0.5 * x[:, 1]))
    counts = visits * (1 + rng.negative_binomial(1.5, 1.5 / (1.5 + np.exp(0.5 + 0.5 * x[:, 2]))))
    return _cut(x, counts.astype(float), 500)


def outlying_feature(rng: Generator) -> Split:
    """One cell of the rows to learn from is a million times too large."""
    x, y = friedman(rng, 300 + FRESH_ROWS, 8)
    x[rng.integers(300), 3] *= 1e6
    return _cut(x, y, 300)


def outlying_targets(rng: Generator) -> Split:
    """Three targets of the rows to learn from are a hundred standard deviations off."""
    x, y = friedman(rng, 300 + FRESH_ROWS, 8)
    y[rng.choice(300, 3, replace=False)] += 100 * y.std()
    return _cut(x, y, 300)


def gaps_at_random(rng: Generator) -> Split:
    """A third of the cells of every feature is missing; each row has one at least, or it would not be a row of a CSV."""
    x, y = friedman(rng, 300 + FRESH_ROWS, 7)
    missing = rng.random(x.shape) < 0.3
    missing[missing.all(axis=1), 0] = False
    return _cut(np.where(missing, np.nan, x), y, 300)


def gaps_that_tell(rng: Generator) -> Split:
    """A cell that is missing says that the target is higher."""
    x, y = friedman(rng, 300 + FRESH_ROWS, 7)
    missing = rng.random(len(x)) < 0.3
    x[missing, 5] = np.nan
    return _cut(x, y + 6 * missing, 300)


def _gaps_in_fresh(rng: Generator, x: Floats, y: Floats, column: int) -> Split:
    rows = len(x) - FRESH_ROWS
    fresh = x[rows:].copy()
    fresh[rng.random(FRESH_ROWS) < 0.5, column] = np.nan
    return made((x[:rows], y[:rows]), (fresh, y[rows:]))


def gaps_in_fresh_friedman(rng: Generator) -> Split:
    """Training had no gaps; half of the fresh rows lack the strongest feature."""
    return _gaps_in_fresh(rng, *friedman(rng, 300 + FRESH_ROWS, 7), column=3)


def gaps_in_fresh_smooth(rng: Generator) -> Split:
    """Training had no gaps; half of the fresh rows lack the feature along which the target waves."""
    return _gaps_in_fresh(rng, *smooth(rng, 100 + FRESH_ROWS, 2), column=0)


def gaps_in_fresh_plane(rng: Generator) -> Split:
    """Training had no gaps; half of the fresh rows lack one of four features."""
    return _gaps_in_fresh(rng, *dense_plane(rng, 30 + FRESH_ROWS, 4), column=0)


def nearly_constant(rng: Generator) -> Split:
    """A feature has one value in all rows but one."""
    x, y = friedman(rng, 300 + FRESH_ROWS, 6)
    x[:, 5] = 0.0
    x[7, 5] = 1.0
    return _cut(x, y, 300)


def repeated_rows(rng: Generator) -> Split:
    """Every row to learn from stands there three times."""
    x, y = friedman(rng, 100 + FRESH_ROWS, 6)
    return made((np.tile(x[:100], (3, 1)), np.tile(y[:100], 3)), (x[100:], y[100:]))


def heavy_tails(rng: Generator) -> Split:
    """Noise of a Student-t with three degrees of freedom."""
    x = rng.random((200 + FRESH_ROWS, 4))
    truth = friedman_2(x)
    return _cut(x, truth + 0.3 * truth.std() * rng.standard_t(3, len(x)), 200)


def staircase(rng: Generator) -> Split:
    """A tariff: steps in two features, next to no noise."""
    x = rng.random((200 + FRESH_ROWS, 4))
    steps = np.floor(4 * x[:, 0]) + np.floor(3 * x[:, 1]) * (x[:, 0] > 0.5)
    return _cut(x, steps + 0.05 * rng.standard_normal(len(x)), 200)


def _grouped(rng: Generator, levels: int, rows: int, unseen: int = 0) -> Split:
    """Return a plane of three features with an effect of each level; the last levels are in fresh rows alone."""
    x, y = dense_plane(rng, rows + FRESH_ROWS, 3)
    effects = rng.standard_normal(levels)
    group = np.concatenate([rng.integers(levels - unseen, size=rows), rng.integers(levels, size=FRESH_ROWS)])
    y = y + effects[group]
    words = [f"level {number}" for number in group.tolist()]
    split = _cut(x, y, rows)
    known = {"group": words[:rows], **split.known}
    return replace(split, known=known, fresh={"group": words[rows:], **split.fresh}, words=frozenset({"group"}))


def _positive(rng: Generator, rows: int, amount: Change) -> Split:
    x, y = smooth(rng, rows + FRESH_ROWS, 3)
    return _cut(*amount(rng, x, y), rows)


def exponential(_: Generator, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Amounts over two decades, noise in proportion."""
    return x, np.exp(1.5 * y)


def gamma(rng: Generator, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Amounts with noise of a gamma distribution."""
    return x, np.exp(y) * rng.gamma(3, 1 / 3, len(y)) + 1e-3


def square(rng: Generator, x: Floats, _: Floats) -> tuple[Floats, Floats]:
    """The square of a plane."""
    return x, (2 + x @ [1.0, 1.0, -1.0] + 0.3 * rng.standard_normal(len(x))) ** 2


DRAWS: dict[str, Callable[[Generator], Split]] = {
    "zero-heavy counts 500x6": zero_heavy_counts,
    "one outlying feature 300x8": outlying_feature,
    "three outlying targets 300x8": outlying_targets,
    "gaps at random 300x7": gaps_at_random,
    "gaps that tell 300x7": gaps_that_tell,
    "gaps in fresh rows, friedman 1 300x7": gaps_in_fresh_friedman,
    "gaps in fresh rows, smooth 100x2": gaps_in_fresh_smooth,
    "gaps in fresh rows, plane 30x4": gaps_in_fresh_plane,
    "nearly constant column 300x6": nearly_constant,
    "repeated rows 300x6": repeated_rows,
    "heavy tails 200x4": heavy_tails,
    "staircase 200x4": staircase,
    "unseen words, 12 levels 200x4": lambda rng: _grouped(rng, 12, 200, unseen=3),
    "10 levels 200x4": lambda rng: _grouped(rng, 10, 200),
    "30 levels 300x4": lambda rng: _grouped(rng, 30, 300),
    "100 levels, some unseen 400x4": lambda rng: _grouped(rng, 100, 400, unseen=10),
    "300 levels 600x4": lambda rng: _grouped(rng, 300, 600),
    "positive, exponential 40x3": lambda rng: _positive(rng, 40, exponential),
    "positive, exponential 100x3": lambda rng: _positive(rng, 100, exponential),
    "positive, gamma 100x3": lambda rng: _positive(rng, 100, gamma),
    "positive, square 300x3": lambda rng: _positive(rng, 300, square),
    "tiny, plane 5x1": lambda rng: _cut(*dense_plane(rng, 5 + FRESH_ROWS, 1), 5),
    "tiny, plane 7x3": lambda rng: _cut(*dense_plane(rng, 7 + FRESH_ROWS, 3), 7),
    "tiny, smooth 10x2": lambda rng: _cut(*smooth(rng, 10 + FRESH_ROWS, 2), 10),
    "tiny, plane 15x4": lambda rng: _cut(*dense_plane(rng, 15 + FRESH_ROWS, 4), 15),
}
QUICK = {
    "zero-heavy counts 500x6", "one outlying feature 300x8", "gaps at random 300x7", "gaps in fresh rows, smooth 100x2",
    "unseen words, 12 levels 200x4", "30 levels 300x4", "positive, exponential 100x3", "tiny, plane 7x3",
}  # fmt: skip

SHIFTED = {
    "one outlying feature 300x8", "three outlying targets 300x8", "gaps in fresh rows, friedman 1 300x7",
    "gaps in fresh rows, smooth 100x2", "gaps in fresh rows, plane 30x4", "repeated rows 300x6",
    "unseen words, 12 levels 200x4", "100 levels, some unseen 400x4",
}  # fmt: skip


def odd() -> Iterator[Table]:
    """Yield a table for each oddity."""
    for name, draw in DRAWS.items():
        seeded = _seeded(draw, crc32(name.encode()))
        yield Table(name, "odd", seeded, is_quick=name in QUICK, is_shifted=name in SHIFTED)


def _seeded(draw: Callable[[Generator], Split], number: int) -> Callable[[int], Split]:
    return lambda seed: draw(np.random.default_rng([seed, number]))
