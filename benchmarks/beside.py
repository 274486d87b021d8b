"""One row on the fast path, beside another checkout of this repository: what a change costs.

    python -m benchmarks.beside FOLDER [CONNECTIONS ...]

FOLDER has a `.venv` of its own. Both servers run at once and are asked in turns. Figures are the medians of the rounds'
ratios, this checkout's to the other's: requests a second, and the server's processor time for a request, which other work on
the machine disturbs less.
"""

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from pathlib import Path
from statistics import median, quantiles
from typing import NamedTuple

from benchmarks.load import is_at_hand, load, posting
from benchmarks.trained import address, exam_questions, exam_scores
from tests.support.server import Server
from tests.support.tables import TABLE

CONNECTIONS = (1, 16, 64)
ROUNDS, SECONDS = 15, 2


class Cost(NamedTuple):
    """What answering cost in one round."""

    rate: float
    """Requests a second."""
    processor: float
    """Microseconds a request."""


@contextmanager
def _serving(folder: Path, checkout: Path, rows: list[dict[str, float]]) -> Iterator[Server]:
    """Yield a server of a checkout, trained."""
    folder.mkdir()
    kind = type("Other", (Server,), {"command": checkout.absolute() / ".venv" / "bin" / "scorecast"})
    with chdir(checkout):  # its training process would import what is here
        server = kind(folder)
    try:
        server.train(rows, "wait=120").raise_for_status()
        yield server
    finally:
        server.close()


def _processor_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Asked(NamedTuple):
    """A server, and what it is asked."""

    server: Server
    script: Path


def _measure(asked: Asked, connections: int) -> Cost:
    server, script = asked
    before = _processor_seconds(server.process.pid)
    done = load(address(server), script, connections, SECONDS)
    spent = _processor_seconds(server.process.pid) - before
    return Cost(done.rate, 1e6 * spent / (done.rate * SECONDS))


def _tell(rounds: list[tuple[Cost, Cost]], figure: Callable[[Cost], float]) -> str:
    ratios = [figure(ours) / figure(theirs) for ours, theirs in rounds]
    lower, _, upper = quantiles(ratios, n=4)
    return f"{median(ratios):.3f} ({lower:.3f} to {upper:.3f})"


HEAD = "| case | connections | requests/s, ratio | processor time, ratio | microseconds |\n|---|---|---|---|---|"


def compare(case: str, ours: Asked, theirs: Asked, numbers: tuple[int, ...]) -> None:
    """Print a line for each number of connections: what our answers cost, beside the others'."""
    for connections in numbers:
        both = [(_measure(ours, connections), _measure(theirs, connections)) for _ in range(ROUNDS + 1)]
        costs = both[1:]  # the first warms them
        spent = median(cost.processor for cost, _ in costs)
        said = f"{_tell(costs, lambda cost: cost.rate)} | {_tell(costs, lambda cost: cost.processor)}"
        print(f"| {case} | {connections} | {said} | {spent:.0f} |", flush=True)


def main(other: Path, numbers: tuple[int, ...] = CONNECTIONS) -> None:
    """Print the table."""
    if not is_at_hand():
        return
    print(HEAD)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        script = posting(folder / "exam.lua", exam_questions())
        for rows in (TABLE, exam_scores(200)):
            theirs = _serving(folder / f"theirs-{len(rows)}", other, rows)
            with _serving(folder / f"ours-{len(rows)}", Path(), rows) as mine, theirs as its:
                compare(f"{len(rows)} rows", Asked(mine, script), Asked(its, script), numbers)


if __name__ == "__main__":
    main(Path(sys.argv[1]), tuple(map(int, sys.argv[2:])) or CONNECTIONS)
