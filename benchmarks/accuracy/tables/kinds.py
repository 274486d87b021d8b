"""Tables of a known truth, each drawn anew for every seed: from few rows for many columns to many rows of an ordinary table."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.random import Generator

from benchmarks.accuracy.tables.table import Floats, Split, Table, made
from benchmarks.problems import friedman_1

FRESH_ROWS = 1000

Sample = Callable[[Generator, int, int], tuple[Floats, Floats]]
"""Draws a truth, then so many rows of so many features (rows, features) with targets (rows,)."""


def dense_plane(rng: Generator, rows: int, features: int) -> tuple[Floats, Floats]:
    """Every feature counts a little; half a standard deviation of noise."""
    x = rng.standard_normal((rows, features))
    weights = rng.standard_normal(features) / np.sqrt(features)
    return x, x @ weights + 0.5 * rng.standard_normal(rows)


def sparse_plane(rng: Generator, rows: int, features: int) -> tuple[Floats, Floats]:
    """Three features count, the others are irrelevant."""
    x = rng.standard_normal((rows, features))
    signs = rng.choice([-1.0, 1.0], 3)
    return x, x[:, :3] @ (signs * [1.0, 0.7, 0.5]) + 0.5 * rng.standard_normal(rows)


def noise(rng: Generator, rows: int, features: int) -> tuple[Floats, Floats]:
    """No feature says anything about the target."""
    return rng.standard_normal((rows, features)), rng.standard_normal(rows)


def friedman(rng: Generator, rows: int, features: int) -> tuple[Floats, Floats]:
    """Friedman's first problem: five features count, bent and in a product; noise of one."""
    x = rng.random((rows, features))
    return x, friedman_1(x) + rng.standard_normal(rows)


def _factors(rng: Generator, rows: int, features: int, count: int) -> tuple[Floats, Floats]:
    hidden = rng.standard_normal((rows, count))
    loadings = rng.standard_normal((count, features))
    return hidden @ loadings + 0.5 * rng.standard_normal((rows, features)), hidden


def linear_factors(rng: Generator, rows: int, features: int) -> tuple[Floats, Floats]:
    """Four hidden factors move all features, and the target along a plane."""
    x, hidden = _factors(rng, rows, features, 4)
    return x, hidden @ rng.standard_normal(4) / 2 + 0.3 * rng.standard_normal(rows)


def curved_factors(rng: Generator, rows: int, features: int) -> tuple[Floats, Floats]:
    """Three hidden factors move all features, and the target along a curve."""
    x, hidden = _factors(rng, rows, features, 3)
    return x, hidden[:, 0] + np.sin(2 * hidden[:, 1]) + 0.5 * hidden[:, 2] ** 2 + 0.3 * rng.standard_normal(rows)


def spectra(rng: Generator, rows: int, features: int) -> tuple[Floats, Floats]:
    """Collinear columns: mixtures of five peaks along an axis, the target is the concentration of the first two."""
    axis = np.linspace(0, 1, features)
    centres, widths = rng.random((5, 1)), rng.uniform(0.05, 0.2, (5, 1))
    peaks = np.exp(-0.5 * ((axis - centres) / widths) ** 2)
    shares = rng.lognormal(0, 0.5, (rows, 5))
    x = shares @ peaks + 0.02 * rng.standard_normal((rows, features))
    return x, shares[:, 0] + 0.5 * shares[:, 1] + 0.1 * rng.standard_normal(rows)


def heteroscedastic(rng: Generator, rows: int, features: int) -> tuple[Floats, Floats]:
    """Bent along one feature, and the noise grows with another."""
    x = rng.random((rows, features))
    deviation = 0.1 + x[:, 1]
    return x, np.sin(4 * x[:, 0]) + x[:, 2] + deviation * rng.standard_normal(rows)


def products(rng: Generator, rows: int, features: int) -> tuple[Floats, Floats]:
    """Pairs of features count only together."""
    x = rng.standard_normal((rows, features))
    return x, x[:, 0] * x[:, 1] + x[:, 2] * x[:, 3] + x[:, 4] + 0.3 * rng.standard_normal(rows)


def smooth(rng: Generator, rows: int, features: int) -> tuple[Floats, Floats]:
    """One and a half waves along one feature, a bend along another; little noise."""
    x = rng.random((rows, features))
    return x, np.sin(3 * np.pi * x[:, 0]) + x[:, 1] ** 2 + 0.1 * rng.standard_normal(rows)


SAMPLES: dict[str, tuple[Sample, tuple[tuple[int, int], ...]]] = {
    "plane of all": (dense_plane, ((20, 5), (40, 80), (100, 200), (100, 500), (300, 100), (1000, 100))),
    "plane of 3": (sparse_plane, ((25, 20), (40, 8), (100, 50), (200, 200), (300, 80))),
    "noise alone": (noise, ((20, 10), (30, 5), (40, 80), (40, 200), (300, 80))),
    "friedman 1": (friedman, ((100, 20), (200, 50), (300, 7), (600, 16), (800, 25))),
    "4 factors, linear": (linear_factors, ((60, 100),)),
    "3 factors, curved": (curved_factors, ((100, 60), (300, 100))),
    "spectra": (spectra, ((60, 200), (200, 100))),
    "heteroscedastic": (heteroscedastic, ((100, 10), (300, 40))),
    "products": (products, ((100, 12), (300, 30))),
    "smooth": (smooth, ((25, 2), (100, 2))),
}
"""Name, how it is drawn, and in which sizes (rows, features)."""

QUICK = {
    "plane of all 20x5", "plane of all 40x80", "plane of all 300x100", "plane of 3 100x50", "noise alone 40x80",
    "friedman 1 300x7", "friedman 1 600x16", "4 factors, linear 60x100", "spectra 60x200", "heteroscedastic 100x10",
    "products 100x12", "smooth 25x2",
}  # fmt: skip


def kinds() -> Iterator[Table]:
    """Yield a table for each kind and size."""
    for name, (sample, sizes) in SAMPLES.items():
        for rows, features in sizes:
            full = f"{name} {rows}x{features}"
            yield Table(full, "kinds", _draw(sample, rows, features), is_quick=full in QUICK)


def _draw(sample: Sample, rows: int, features: int) -> Callable[[int], Split]:
    def draw(seed: int) -> Split:
        x, y = sample(np.random.default_rng([seed, rows, features]), rows + FRESH_ROWS, features)
        return made((x[:rows], y[:rows]), (x[rows:], y[rows:]))

    return draw
