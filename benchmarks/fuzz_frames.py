"""Arrow and Parquet, damaged at random for as many minutes as are named: `python -m benchmarks.fuzz_frames 10`.

Each must be a table or be refused. The process that reads them has a limit to its memory, and so has this one here.
"""

import random
import resource
import sys
import time
from collections import Counter

from app.errors import MalformedBody, RequestError
from app.tables import read_table
from tests.support.frames import VALID, damage, read_or_refuse

MEMORY_BYTES = 3 * 1024**3
"""Of address space that is written to; pyarrow, which makes the bodies, sets one GiB aside."""


def main() -> None:
    """Damage bodies until the time is over; print how many of them were what. Anything but a refusal is raised."""
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 1.0
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY_BYTES, MEMORY_BYTES))
    counts: Counter[str] = Counter()
    began, seed = time.monotonic(), 0
    while time.monotonic() - began < 60 * minutes:
        chance = random.Random(seed)  # noqa: S311
        body = damage(chance.choice(list(VALID.values())), chance)
        try:
            read_table(body)
        except MalformedBody as error:
            counts["ended the process that read it" if "(it is damaged)" in str(error) else "malformed"] += 1
        except RequestError as error:
            counts[type(error).__name__] += 1
        else:
            counts["table"] += read_or_refuse(body)
        seed += 1
    print(
        f"{seed} bodies in {minutes:g} minutes: {dict(counts)}; peak {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB"
    )


if __name__ == "__main__":
    main()
