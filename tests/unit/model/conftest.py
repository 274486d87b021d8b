"""What the network's tests may ask for, and the settings of the property tests.

These have no deadline for one example, since other work may share the machine.
"""

import numpy as np
import pytest
from hypothesis import settings

settings.register_profile("scorecast", deadline=None)
settings.load_profile("scorecast")


@pytest.fixture
def rng() -> np.random.Generator:
    """A generator of the test's own, so that no test depends on which ran before it."""
    return np.random.default_rng(2)
