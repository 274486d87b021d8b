"""One row, by 16 connections: ours with its interval, beside other servers of models, the floor and the naive endpoint.

    python -m benchmarks.peers [NAME ...]

The first time it installs them. They are measured in turn; a server that is not being measured is stopped, so that it takes no time from the one that is.
"""

import signal
import sys
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median

from benchmarks.load import Load, is_at_hand, load, posting
from benchmarks.peers.environments import install, served, versions
from benchmarks.peers.table import PEERS
from benchmarks.processes import family, serving, tell
from benchmarks.serving import EXAM, FLOOR, NAIVE, Endpoint, Measured, rate, ratio, tail
from benchmarks.trained import address, exam_questions, ours
from tests.support.tables import TABLE

ROUNDS, SECONDS, CONNECTIONS = 5, 2, 16
TIMES_THE_BEST = 5


@contextmanager
def awake(pid: int) -> Iterator[None]:
    """Let a peer run for a while."""
    tell(list(family(pid)), signal.SIGCONT)
    try:
        yield
    finally:
        tell(list(family(pid)), signal.SIGSTOP)


@contextmanager
def contestants(names: Iterable[str]) -> Iterator[tuple[dict[str, Endpoint], dict[str, int]]]:
    """Yield all that are compared, and the processes of the peers among them."""
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        script, server = posting(Path(folder, "ours.lua"), exam_questions()), stack.enter_context(ours(TABLE))
        answer = server.client.post("/predict", json=exam_questions()[0])
        compared = {
            FLOOR: Endpoint(stack.enter_context(serving("benchmarks.floor", len(answer.content))), script),
            NAIVE: Endpoint(stack.enter_context(serving("benchmarks.naive")) + "/predict", script),
            EXAM: Endpoint(address(server), script),
        }
        processes = {}
        for name in names:
            bodies = map(PEERS[name].body, exam_questions())
            processes[name], url = stack.enter_context(served(name))
            compared[name] = Endpoint(url, posting(Path(folder, f"{name}.lua"), bodies))
            tell(list(family(processes[name])), signal.SIGSTOP)
        yield compared, processes


def measure(compared: dict[str, Endpoint], processes: dict[str, int]) -> Measured:
    """Load each in turns, in rounds; the first is not counted."""
    measured: Measured = {name: [] for name in compared}
    for _ in range(1 + ROUNDS):
        for name, endpoint in compared.items():
            with ExitStack() as stack:
                if name in processes:
                    stack.enter_context(awake(processes[name]))
                measured[name].append(load(*endpoint, CONNECTIONS, SECONDS))
    return {name: rounds[1:] for name, rounds in measured.items()}


def line(name: str, measured: Measured) -> str:
    """Return a row of the table."""
    done = Load(*(median(each) for each in zip(*measured[name], strict=True)))
    who = versions(PEERS[name]) if name in PEERS else name
    beside = f"{ratio(measured, name, FLOOR):.3f} | {ratio(measured, name, FLOOR, tail):.1f}"
    times = f"{ratio(measured, EXAM, name):.2f}"
    return f"| {who} | {done.rate:,.0f} | {done.p50:.2f} | {done.p99:.2f} | {beside} | {times} |"


def main(names: Iterable[str]) -> None:
    """Print the table, who could not take part, and how many times the best peer we are."""
    if not is_at_hand():
        return
    missing = {name: why for name in names if (why := install(name))}
    with contestants([name for name in names if name not in missing]) as (compared, processes):
        measured = measure(compared, processes)
    print("| | requests/s | p50, ms | p99, ms | of the floor | p99 / the floor's | ours, times this |")
    print("|---|---|---|---|---|---|---|")
    print("\n".join(line(name, measured) for name in measured))
    for name, why in missing.items():
        print(f"{versions(PEERS[name])} could not be installed: {why}")
    if processes:
        best = max(processes, key=lambda name: median(map(rate, measured[name])))
        print(f"\nours: {ratio(measured, EXAM, best):.2f} times {best}, the best of them (at least {TIMES_THE_BEST})")


if __name__ == "__main__":
    main(sys.argv[1:] or PEERS)
