"""The spread model: it follows noise that depends on the row, and is left out where there is none to follow."""

import numpy as np

from model.fitting.mixing.spread import SpreadFeatures, fit_spread


def clues(rows: int, uneven: bool, seed: int = 0) -> SpreadFeatures:
    rng = np.random.default_rng(seed)
    columns = rng.standard_normal((rows, 3))
    deviation = np.exp(columns[:, 0]) if uneven else np.ones(rows)
    residuals = deviation * rng.standard_normal(rows)
    return SpreadFeatures(columns, columns[:, 1], np.ones(rows), np.full(rows, 0.1), residuals)


def test_it_follows_the_noise() -> None:
    given, fold = clues(400, uneven=True), np.arange(400) % 5
    spread = fit_spread(given, fold, np.random.default_rng(0))

    assert spread.gain > 50
    assert spread.model is not None
    assert np.corrcoef(np.log(spread.factors), 2 * given.columns[:, 0])[0, 1] > 0.8
    table = np.column_stack([given.columns, given.location, np.log(given.variance), np.log(given.disagreement)])
    served = spread.model.log_factors(table)
    assert np.corrcoef(served, 2 * given.columns[:, 0])[0, 1] > 0.8


def test_even_noise_has_no_model() -> None:
    spread = fit_spread(clues(400, uneven=False), np.arange(400) % 5, np.random.default_rng(0))

    assert spread.model is None
    assert (spread.factors == 1.0).all()


def test_residuals_of_nothing_have_none() -> None:
    given = clues(100, uneven=True)._replace(residuals=np.zeros(100))

    assert fit_spread(given, np.arange(100) % 5, np.random.default_rng(0)).model is None
