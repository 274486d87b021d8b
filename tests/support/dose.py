"""How much the tests of faults do: enough for every day, or all of it for `make faults`; and what came of it.

Chance is seeded. The seed stands in pytest's summary, and `FAULTS_SEED=...` brings the same rounds again.
"""

import os
import random

IS_FULL = os.environ.get("FAULTS") == "full"
SEED = int(os.environ.get("FAULTS_SEED") or random.SystemRandom().randrange(2**32))

figures: list[str] = []
"""Lines for pytest's summary."""
FIGURE = "figure"
"""The property of a test that is such a line, too, where tests run in several processes (`record_property`)."""


def times(usual: int, full: int) -> int:
    """Return how often something is done."""
    return full if IS_FULL else usual


def chance(name: str) -> random.Random:
    """Return the chance that a test of this name is left to, and have the summary tell its seed."""
    figures.append(f"{name}: FAULTS_SEED={SEED}")
    return random.Random(f"{SEED} {name}")
