"""Scores of unseen rows: a candidate's claims are found out."""

import numpy as np
import pytest

from model.fitting.candidates import fit_student, is_surely_behind, score_rows


@pytest.mark.parametrize("factor", [0.3, 1.0, 30.0, 200.0])
def test_the_scale_of_claims_is_found(factor: float) -> None:
    residuals = np.random.default_rng(0).standard_normal(2000)

    assert score_rows(residuals, np.full(2000, 1.0 / factor)).scale == pytest.approx(factor, rel=0.12)


def test_heavy_tails_get_few_degrees_of_freedom() -> None:
    rng = np.random.default_rng(0)

    assert fit_student(rng.standard_t(3, 3000) ** 2).dof <= 4
    assert fit_student(rng.standard_normal(3000) ** 2).dof >= 30
    assert fit_student(rng.standard_normal(3000) ** 2, 6.0).dof <= 6


def test_many_rows_are_fitted_by_some_of_them() -> None:
    residuals = np.random.default_rng(0).standard_normal(50_000) * 3

    assert fit_student(residuals**2).scale == pytest.approx(9.0, rel=0.12)


def test_only_what_is_surely_worse_is_behind() -> None:
    rng = np.random.default_rng(0)
    best = rng.standard_normal(100)

    assert is_surely_behind(best - 1.0 - 0.1 * rng.standard_normal(100), best)
    assert not is_surely_behind(best + rng.standard_normal(100) * 5.0 - 0.1, best)
    assert not is_surely_behind(best, best)
