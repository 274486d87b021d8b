"""Student's t-distribution: a bell curve with heavier tails, for what is estimated from few rows.

NumPy has neither its quantile, its distribution function nor its fit; here they are.
"""

from functools import lru_cache
from math import exp, lgamma, log, log1p, pi
from typing import Any

import numpy as np

from model.arrays import FloatArray

DOFS = (2.5, 3.0, 4.0, 5.0, 7.0, 10.0, 15.0, 30.0, 100.0)
"""The degrees of freedom that a fit chooses from."""

_FAR = 1e150
"""Beyond it nothing is left, and its square is a number."""

_LOG_SCALES = np.linspace(-1.5, 1.5, 31)


def log_density(squares: FloatArray, dof: float) -> FloatArray:
    """Return the logarithm of the density where the square of the variable is `squares`."""
    normaliser = lgamma((dof + 1) / 2) - lgamma(dof / 2) - 0.5 * log(dof * pi)
    return normaliser - (dof + 1) / 2 * np.log1p(squares / dof)


def fit(squares: FloatArray) -> tuple[float, float, float]:
    """Fit squared variables (samples,): return the square of their scale, the degrees of freedom, the log score.

    The scale has a log-normal prior around 1, since it corrects variances that are right in principle.
    """
    grid = squares[:, None] / np.exp(_LOG_SCALES)
    drawback = 0.5 * len(squares) * _LOG_SCALES + 0.5 * (_LOG_SCALES / 0.5) ** 2
    scores = np.array([log_density(grid, dof).sum(axis=0) - drawback for dof in DOFS])
    dof, scale = np.unravel_index(int(scores.argmax()), scores.shape)
    return exp(_LOG_SCALES[scale]), DOFS[dof], float(scores[dof, scale])


@lru_cache(maxsize=1024)
def quantile(coverage: float, dof: float) -> float:
    """Return the half-width of the interval around 0 that holds the probability `coverage`, between 0 and 1."""
    low, high = 0.0, 1.0
    while _shortfall(high, coverage, dof) > 0:
        low, high = high, 2 * high
    value = (low + high) / 2
    for _ in range(200):  # Newton's steps, each kept inside an interval that shrinks
        shortfall = _shortfall(value, coverage, dof)
        low, high = (value, high) if shortfall > 0 else (low, value)
        density = exp(float(log_density(np.array(value * value), dof)))
        following = value + shortfall / (2 * density)
        if not low < following < high:
            following = (low + high) / 2
        if abs(following - value) <= 1e-15 * value:
            break
        value = following
    return value


def below(values: FloatArray, dof: float) -> FloatArray:
    """Return the probability that the variable is at most these values."""
    squares = np.minimum(np.abs(values), _FAR) ** 2
    is_inner = squares < 3.0  # where either fraction converges, as for `quantile`
    inner = _incomplete_betas(0.5, dof / 2, np.where(is_inner, squares / (dof + squares), 0.0))
    outer = _incomplete_betas(dof / 2, 0.5, np.where(is_inner, 0.0, dof / (dof + squares)))
    beyond = np.where(is_inner, (1.0 - inner) / 2, outer / 2)
    return np.asarray(np.where(values > 0, 1.0 - beyond, beyond))


def _incomplete_betas(a: float, b: float, x: FloatArray) -> FloatArray:
    """Return the regularised incomplete beta function of an array, as `_incomplete_beta` does of a number."""
    normaliser = lgamma(a + b) - lgamma(a) - lgamma(b)
    with np.errstate(divide="ignore"):
        front = np.exp(normaliser + a * np.log(x) + b * np.log1p(-x)) / a
    value, upper, lower = np.ones_like(x), np.ones_like(x), np.zeros_like(x)
    for index in range(1000):
        term = _term(index, a, b, x)
        lower = 1.0 / (1.0 + term * lower)
        upper = 1.0 + term / upper
        value = value * (upper * lower)
        if (np.abs(upper * lower - 1.0) < 1e-15).all():
            break
    return np.asarray(front * (value - 1.0))


def _shortfall(value: float, coverage: float, dof: float) -> float:
    """How far the probability within +-value falls short of `coverage`: from the middle, or in the tails from the ends."""
    square = value * value
    if square < 3.0:
        return coverage - _incomplete_beta(0.5, dof / 2, square / (dof + square))
    return _incomplete_beta(dof / 2, 0.5, dof / (dof + square)) - (1.0 - coverage)


def _incomplete_beta(a: float, b: float, x: float) -> float:
    """Regularised incomplete beta function, by its continued fraction (DiDonato & Morris 1992, equation 9)."""
    if x <= 0.0:
        return 0.0
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
    value, upper, lower = 1.0, 1.0, 0.0
    for index in range(1000):  # Lentz's method: the fraction from its beginning
        term = _term(index, a, b, x)
        lower = 1.0 / (1.0 + term * lower)
        upper = 1.0 + term / upper
        value *= upper * lower
        if abs(upper * lower - 1.0) < 1e-16:
            break
    return front * (value - 1.0)


def _term(index: int, a: float, b: float, x: Any) -> Any:
    half = index // 2
    if index == 0:
        return 1.0
    if index % 2:
        return -(a + half) * (a + b + half) * x / ((a + 2 * half) * (a + 2 * half + 1))
    return half * (b - half) * x / ((a + 2 * half - 1) * (a + 2 * half))
