"""Transforms are invertible, and their slopes are those of finite differences."""

import numpy as np
import pytest

from model.table.signature import Column
from model.table.transforms import TRANSFORMS

PERCENT = Column("percent", minimum=0, maximum=100)
VALUES = np.array([0.5, 1.0, 20.0, 99.0])


@pytest.mark.parametrize("name", sorted(TRANSFORMS))
def test_inverse_and_slope(name: str) -> None:
    transform = TRANSFORMS[name](PERCENT)
    assert transform is not None
    step = 1e-6

    slope = (transform.forward(VALUES + step) - transform.forward(VALUES - step)) / (2 * step)

    np.testing.assert_allclose(transform.inverse(transform.forward(VALUES)), VALUES, rtol=1e-10)
    np.testing.assert_allclose(np.exp(transform.log_slope(VALUES)), slope, rtol=1e-6)


@pytest.mark.parametrize(("name", "suits"), [("identity", True), ("root", False), ("log", False), ("logit", True)])
def test_zero_is_beyond_roots_and_logarithms(name: str, suits: bool) -> None:
    transform = TRANSFORMS[name](PERCENT)

    assert transform is not None
    assert transform.suits(np.array([0.0, 50.0])) is suits


def test_logit_needs_bounds() -> None:
    assert TRANSFORMS["logit"](Column("free", minimum=0)) is None
