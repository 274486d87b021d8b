"""Synthetic problems with known truth: functions of many kinds, sizes and noises."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from model.arrays import FloatArray
from model.table.dataset import Dataset

Truth = Callable[[FloatArray], FloatArray]
"""From features (rows, features), uniform in [0, 1], to the mean of the target (rows,)."""


@dataclass(frozen=True)
class Problem:
    """A function, how many features and rows, and how much noise."""

    name: str
    truth: Truth
    features: int
    rows: int
    noise: float
    """Its standard deviation, as a part of the truth's."""
    kind: str = "normal"
    """normal, heteroscedastic (grows with the first feature), heavy (Student-t with 3 degrees of freedom)."""

    def draw(self, rows: int, seed: int) -> Dataset:
        """Return so many rows."""
        rng = np.random.default_rng([seed, self.features, self.rows])
        features = rng.random((rows, self.features))
        spread = self.truth(np.random.default_rng(0).random((10_000, self.features))).std()
        noise = rng.standard_normal(rows)
        if self.kind == "heteroscedastic":
            noise *= 0.2 + 1.6 * features[:, 0]
        if self.kind == "heavy":
            noise = rng.standard_t(3, rows) / np.sqrt(3)
        return Dataset(features, (self.truth(features) + self.noise * spread * noise)[:, None])


def friedman_1(x: FloatArray) -> FloatArray:
    """Friedman 1991, first problem; needs five features."""
    return np.asarray(10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2 + 10 * x[:, 3] + 5 * x[:, 4])


def _circuit(x: FloatArray) -> tuple[FloatArray, FloatArray]:
    angular = np.pi * (40 + 520 * x[:, 1])
    return 100 * x[:, 0], angular * x[:, 2] - 1 / (angular * (1 + 10 * x[:, 3]))


def friedman_2(x: FloatArray) -> FloatArray:
    """Friedman 1991, second problem: an impedance; needs four features."""
    resistance, reactance = _circuit(x)
    return np.asarray(np.hypot(resistance, reactance))


def friedman_3(x: FloatArray) -> FloatArray:
    """Friedman 1991, third problem: a phase; needs four features."""
    resistance, reactance = _circuit(x)
    return np.asarray(np.arctan2(reactance, resistance + 1e-6))


def sine(x: FloatArray) -> FloatArray:
    """One and a half waves along the first feature, bent by the second."""
    return np.asarray(np.sin(3 * np.pi * x[:, 0]) + x[:, 1] ** 2)


def ripple(x: FloatArray) -> FloatArray:
    """A radial wave in two features."""
    return np.asarray(np.cos(12 * np.hypot(x[:, 0] - 0.5, x[:, 1] - 0.5)))


def step(x: FloatArray) -> FloatArray:
    """A jump along a slanted edge, on a slope."""
    return np.asarray((x[:, 0] + 0.5 * x[:, 1] > 0.7) + 0.5 * x[:, 1])


def staircase(x: FloatArray) -> FloatArray:
    """Steps in two features, as of a tariff."""
    return np.asarray(np.floor(4 * x[:, 0]) + np.floor(3 * x[:, 1]) * (x[:, 0] > 0.5))


def linear(x: FloatArray) -> FloatArray:
    """A plane: weights fall from feature to feature."""
    return np.asarray(x @ (0.7 ** np.arange(x.shape[1])))


def additive(x: FloatArray) -> FloatArray:
    """A different bend in each feature."""
    return np.asarray(np.sin(x * np.arange(1, x.shape[1] + 1)).sum(axis=1))


def product(x: FloatArray) -> FloatArray:
    """Pairwise interactions."""
    return np.asarray((x[:, :-1] * x[:, 1:]).sum(axis=1) * 4 - x[:, 0])


def growth(x: FloatArray) -> FloatArray:
    """Positive and skewed: an exponential of a plane."""
    return np.asarray(np.exp(3 * x[:, 0] + x[:, 1] - x[:, -1]))


def tent(x: FloatArray) -> FloatArray:
    """A kink."""
    return np.asarray(np.abs(x[:, 0] - 0.4) + np.maximum(x[:, 1], 0.6))


FUNCTIONS: tuple[tuple[Truth, int], ...] = (
    (friedman_1, 10), (friedman_2, 4), (friedman_3, 4), (sine, 2), (ripple, 2), (step, 3), (staircase, 4),
    (linear, 8), (additive, 6), (product, 5), (growth, 3), (tent, 2), (friedman_1, 15), (linear, 15),
)  # fmt: skip
SIZES = (20, 50, 100, 200, 500, 1000, 2000)
NOISES = (0.01, 0.1, 0.3, 1.0)


def problems() -> Iterator[Problem]:
    """Yield 42 problems: every function at three sizes, noises in turn, every fifth not normal."""
    number = 0
    for place, (truth, features) in enumerate(FUNCTIONS):
        for turn in range(3):
            rows = SIZES[(place + 3 * turn) % len(SIZES)]
            noise = NOISES[number % len(NOISES)]
            kind = ("normal", "normal", "heteroscedastic", "normal", "heavy")[number % 5]
            yield Problem(f"{truth.__name__}, {features}", truth, features, rows, noise, kind)
            number += 1
