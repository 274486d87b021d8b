"""Calibration: intervals hold what they promise, and coverage is told by rows that quantiles have not seen."""

import numpy as np
import pytest

from model.fitting.mixing.calibration import Residuals, calibrate, cross_coverage
from model.predictors import EmpiricalQuantiles, StudentQuantiles

KNOWN = np.ones(1, dtype=np.bool_)


@pytest.mark.parametrize(("rows", "kind"), [(30, StudentQuantiles), (199, StudentQuantiles), (200, EmpiricalQuantiles)])
def test_fresh_residuals_are_covered(rows: int, kind: type) -> None:
    held = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        quantiles = calibrate([Residuals(1.5 * rng.standard_normal(rows))], KNOWN)
        assert isinstance(quantiles, kind)
        fresh = 1.5 * rng.standard_normal((2000, 1))
        unit = quantiles.deviations(np.ones_like(fresh))
        lower, upper = quantiles.bounds(0.95)
        held.append(np.mean((lower * unit <= fresh) & (fresh <= upper * unit)))

    assert 0.94 < np.mean(held) < 0.975


def test_a_lopsided_target_has_lopsided_intervals() -> None:
    residuals = np.random.default_rng(0).exponential(size=1000) - 1.0
    lower, upper = calibrate([Residuals(residuals)], KNOWN).bounds(0.9)

    assert upper[0] > 1.5 * -lower[0]


def test_an_unknown_spread_stays_unknown() -> None:
    residuals = Residuals(np.random.default_rng(0).standard_normal(300))
    quantiles = calibrate([residuals, residuals], np.array([True, False]))

    assert quantiles.are_known.tolist() == [True, False]


def test_caution_widens() -> None:
    rng = np.random.default_rng(0)
    bold, cautious = rng.standard_normal(40), 3.0 * rng.standard_normal(40)
    alone, both = calibrate([Residuals(bold)], KNOWN), calibrate([Residuals(bold, cautious)], KNOWN)

    assert isinstance(alone, StudentQuantiles)
    assert isinstance(both, StudentQuantiles)
    assert both.scale[0] > 1.5 * alone.scale[0]


@pytest.mark.parametrize("rows", [60, 300])
def test_coverage_is_told_by_quantiles_that_have_not_seen_the_row(rows: int) -> None:
    residuals = np.random.default_rng(1).standard_normal(rows)
    residuals[:: rows // 6] = 30.0
    inside = cross_coverage([Residuals(residuals)], np.arange(rows) % 5, 0.8)

    assert inside.shape == (rows, 1)
    assert inside.mean() == pytest.approx(0.8, abs=0.12)
