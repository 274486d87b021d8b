"""Student's t against scipy's."""

import numpy as np
import pytest
from scipy import stats

from model.posterior import student_t


@pytest.mark.parametrize("dof", [1.0, 1.7, 2.5, 4.0, 10.0, 33.3, 100.0])
@pytest.mark.parametrize("coverage", [0.01, 0.5, 0.8, 0.95, 0.99, 0.999, 0.999999])
def test_quantile_is_accurate_to_ten_digits(coverage: float, dof: float) -> None:
    assert student_t.quantile(coverage, dof) == pytest.approx(stats.t.isf((1 - coverage) / 2, dof), rel=1e-10)


@pytest.mark.parametrize("dof", [1.0, 1.7, 2.5, 4.0, 10.0, 33.3, 100.0])
def test_probability_below_is_accurate_to_ten_digits(dof: float) -> None:
    values = np.concatenate([-np.logspace(6, -6, 41), [0.0], np.logspace(-6, 6, 41), [-np.inf, np.inf, 1e200, -1e200]])

    found = student_t.below(values, dof)

    np.testing.assert_allclose(found, stats.t.cdf(values, dof), rtol=1e-10, atol=1e-100)


@pytest.mark.parametrize("dof", [1.0, 2.5, 30.0])
def test_log_density_is_that_of_scipy(dof: float) -> None:
    values = np.linspace(-20, 20, 11)

    np.testing.assert_allclose(student_t.log_density(values**2, dof), stats.t.logpdf(values, dof), rtol=1e-12)


def test_fit_finds_scale_and_tails() -> None:
    heavy = 1.5 * stats.t.rvs(3, size=5000, random_state=0)
    light = 0.7 * np.random.default_rng(0).standard_normal(5000)

    scale, dof, score = student_t.fit(heavy**2)
    assert scale == pytest.approx(1.5**2, rel=0.15)
    assert dof == 3.0
    assert score == pytest.approx(stats.t.logpdf(heavy, 3, scale=1.5).sum(), rel=0.01)
    scale, dof, _ = student_t.fit(light**2)
    assert scale == pytest.approx(0.7**2, rel=0.15)
    assert dof == 100.0
