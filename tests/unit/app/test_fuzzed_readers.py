"""Whatever bytes come, each reader reads or refuses them: quickly, and in little memory; no other error comes out of it.

`make fuzz-readers` does this to each of them for `SECONDS=600`, with other bytes each time; here it is a few dozen.
"""

import os
import resource
import time
from collections.abc import Callable
from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.support.dose import FIGURE, SEED
from tests.support.fuzzing.damage import damaged
from tests.support.fuzzing.readers import READERS

SECONDS = float(os.environ.get("FUZZ_SECONDS") or 0)
EXAMPLES = 500 if SECONDS else 40
"""In a row; at full length there are as many rows as there is time for."""
MAX_SECONDS = 1.0
"""Of the processor, that one reader may take for one body of a few kilobytes."""
MAX_WAIT = 30.0
"""Seconds, on a busy machine, also where another process reads."""
MAX_GROWTH_MIB = 400
"""What the process may grow by, at its peak."""


def _peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.mark.timeout(SECONDS + 300)
@pytest.mark.parametrize("name", READERS)
def test_whatever_comes_is_read_or_refused(name: str, record_property: Callable[[str, object], None]) -> None:
    reader, before, tried, longest = READERS[name], _peak_mib(), 0, 0.0

    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        derandomize=not SECONDS,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(damaged(reader.samples))
    def read(data: bytes) -> None:
        nonlocal tried, longest
        used, began = time.process_time(), time.monotonic()
        reader.try_out(data)
        tried, longest = tried + 1, max(longest, time.process_time() - used)
        assert longest <= MAX_SECONDS, data
        assert time.monotonic() - began <= MAX_WAIT, data

    for sample in reader.samples:
        reader.read(sample)  # it is valid, so that what is damaged is what it was damaged by
    began = time.monotonic()
    for row in count():
        (seed(SEED + row)(read) if SECONDS else read)()
        if time.monotonic() - began >= SECONDS:
            break
    record_property(
        FIGURE,
        f"reader of {name}: {tried} bodies, at most {1000 * longest:.0f} ms, {_peak_mib() - before:.0f} MiB more at the peak",
    )
    assert _peak_mib() - before <= MAX_GROWTH_MIB
