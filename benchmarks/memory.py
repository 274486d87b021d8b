"""Memory of a server of `exam-score`: before, after 50,000 and after 100,000 predictions of one row."""

import tempfile
from pathlib import Path

from benchmarks.load import is_at_hand, load, posting
from benchmarks.processes import megabytes
from benchmarks.trained import address, exam_questions, ours
from tests.support.server import Server
from tests.support.tables import TABLE

STEP = 50_000
SECONDS = 2
MAX_MEGABYTES, MAX_GROWTH = 80, 1
"""Megabytes: of the serving process, and over the last 50,000 predictions."""


def main() -> None:
    """Print what the serving process has in memory at each step, and at the end what the others have."""
    if not is_at_hand():
        return
    with tempfile.TemporaryDirectory() as folder, ours(TABLE) as server:
        script = posting(Path(folder, "predict.lua"), exam_questions())
        server.client.post("/predict", json=exam_questions()[0]).raise_for_status()
        had = [megabytes(server.process.pid)]
        print(f"before: {had[0]:.1f} MB")
        for _ in range(2):
            asked = _ask(server, script)
            had.append(megabytes(server.process.pid))
            print(f"after {asked:,} more predictions: {had[-1]:.1f} MB", flush=True)
        others = [megabytes(pid) for pid in server.processes() if pid != server.process.pid]
    print(
        f"at the end {had[-1]:.1f} MB (at most {MAX_MEGABYTES}); grown at last by {had[2] - had[1]:+.1f} MB (at most {MAX_GROWTH})"
    )
    print("its helpers and its training process:", *(f"{size:.1f} MB" for size in sorted(others)))


def _ask(server: Server, script: Path) -> int:
    """Have at least so many predictions made; return how many it were."""
    asked = 0.0
    while asked < STEP:
        asked += SECONDS * load(address(server), script, seconds=SECONDS).rate
    return round(asked)


if __name__ == "__main__":
    main()
