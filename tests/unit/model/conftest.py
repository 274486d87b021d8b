"""What the network's tests may ask for."""

import numpy as np
import pytest


@pytest.fixture
def rng() -> np.random.Generator:
    """A generator of the test's own, so that no test depends on which ran before it."""
    return np.random.default_rng(2)
