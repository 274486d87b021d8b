"""A training of three rows, end to end: POST /train with nothing but rows, over 100 calls."""

import statistics
import tempfile
import time
from pathlib import Path

from tests.support.server import running
from tests.support.tables import TABLE

CALLS = 100


def main() -> None:
    """Print the median and the tail of the answers' times, and of the training itself."""
    with tempfile.TemporaryDirectory() as folder, running(Path(folder)) as server:
        for _ in range(3):
            server.train(TABLE).raise_for_status()
        answers, trainings = [], []
        for _ in range(CALLS):
            began = time.perf_counter()
            answer = server.train(TABLE)
            answers.append(1e3 * (time.perf_counter() - began))
            trainings.append(1e3 * answer.json()["duration_seconds"])
    for name, times in (("answered", answers), ("of it the training", trainings)):
        tail = statistics.quantiles(times, n=20)[-1]
        print(f"{name:20} median {statistics.median(times):6.1f} ms   95 % within {tail:6.1f} ms")


if __name__ == "__main__":
    main()
