"""Trust in leverages: none for candidates that claim too much, or whose parameters use up the rows."""

import numpy as np
import pytest

from model.fitting.candidates import Answers
from model.fitting.mixing.trust import assess, measure_trust


@pytest.mark.parametrize(
    ("claims", "share", "trust"),
    [(1.0, 0.1, 0.65), (0.5, 0.1, 0.65), (1.0, 0.7, 0.0), (1.0, 0.55, 0.325), (2.0, 0.1, 0.13), (100.0, 0.1, 0.0)],
)
def test_trust_falls_with_claims_and_parameters(claims: float, share: float, trust: float) -> None:
    assert measure_trust(claims, share) == pytest.approx(trust, abs=0.001)


def test_without_leverages_the_folds_speak_alone() -> None:
    rng = np.random.default_rng(0)
    truth, said = rng.standard_normal((2, 50, 1))
    found = assess(truth, Answers(said, np.ones((50, 1))), None, 0)

    assert found.trust == 0.0
    assert np.array_equal(found.locations, said[:, 0])
    assert found.scale == found.claims == pytest.approx(2.0, rel=0.4)
