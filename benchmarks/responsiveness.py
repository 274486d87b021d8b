"""A training costs the answers beside it little: p99 of /livez and /predict, idle and while a training runs.

16 connections, in alternating rounds on one server.
"""

import statistics
import tempfile
from pathlib import Path

from benchmarks.load import is_at_hand, load, posting
from benchmarks.trained import address, exam_questions, ours
from tests.support.server import Server
from tests.support.tables import TABLE

ROUNDS = 3
SECONDS = 4
LONG = {"name": "gradient_descent", "max_epochs": 10_000_000}


def main() -> None:
    """Print the medians over the rounds, and their ratios."""
    if not is_at_hand():
        return
    with tempfile.TemporaryDirectory() as folder, ours(TABLE) as server:
        script = posting(Path(folder, "predict.lua"), exam_questions())
        for path, posts in (("/livez", None), ("/predict", script)):
            _compare(server, path, posts)


def _compare(server: Server, path: str, script: Path | None) -> None:
    idle, busy = [], []
    url = address(server, path)
    load(url, script, seconds=SECONDS)
    for _ in range(ROUNDS):
        idle.append(load(url, script, seconds=SECONDS))
        job = server.begin_training(TABLE, trainer=LONG)
        busy.append(load(url, script, seconds=SECONDS))
        server.client.post(f"/jobs/{job}/cancel").raise_for_status()
        server.wait_for(job, "cancelled")
    for name, column, limit in (("requests a second", 0, ""), ("p99, ms", 2, "(at most 1.5)")):
        before, after = (statistics.median(each[column] for each in rounds) for rounds in (idle, busy))
        words = f"idle {before:9.2f}   while training {after:9.2f}   ratio {after / before:5.2f}"
        print(f"{path:9} {name:18} {words} {limit}")


if __name__ == "__main__":
    main()
