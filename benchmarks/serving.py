"""One row: ours with its interval, beside the floor (uvicorn answering constant bytes) and the naive endpoint.

    python -m benchmarks.serving [CONNECTIONS ...]

All of them run at once and are asked in turns; each figure is the median over the rounds, each ratio that of the
ratios within a round. The default ensemble is five networks, of 151 parameters each for `exam-score`, of 211 for
eight features; `wide` are networks such as the default trainer tries beyond the base, of 621.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.load import Load, is_at_hand, load, posting
from benchmarks.processes import serving
from benchmarks.trained import address, exam_questions, exam_scores, friedman_questions, ours, train_friedman
from tests.support.tables import TABLE

CONNECTIONS = (1, 16, 64)
ROUNDS, SECONDS = 5, 2
FLOOR, NAIVE, EXAM, EXAM_200, LOGGED, EIGHT, WIDE = (
    "floor", "FastAPI + NumPy", "exam-score", "exam-score, 200 rows", "exam-score, access log", "8 features",
    "8 features, wide",
)  # fmt: skip


class Endpoint(NamedTuple):
    """What is asked, and how."""

    url: str
    script: Path


class Target(NamedTuple):
    """A ratio that is promised, at 16 connections."""

    words: str
    whose: str
    beside: str
    figure: Callable[[Load], float]
    limit: float
    at_least: bool = True


def rate(done: Load) -> float:
    """Return requests a second."""
    return done.rate


def tail(done: Load) -> float:
    """Return p99, in milliseconds."""
    return done.p99


TARGETS = (
    Target("exam-score of the floor (aim: 0.55)", EXAM, FLOOR, rate, 0.48),
    Target("exam-score, 200 rows, of the floor (aim: 0.55)", EXAM_200, FLOOR, rate, 0.48),
    Target("exam-score, times FastAPI + NumPy", EXAM, NAIVE, rate, 3.0),
    Target("8 features of the floor", EIGHT, FLOOR, rate, 0.35),
    Target("8 features, wide, of the floor", WIDE, FLOOR, rate, 0.35),
    Target("exam-score, p99, times the floor's", EXAM, FLOOR, tail, 2.5, at_least=False),
    Target("8 features, p99, times the floor's", EIGHT, FLOOR, tail, 2.5, at_least=False),
    Target("exam-score with access log, of without", LOGGED, EXAM, rate, 0.85),
)

Measured = dict[str, list[Load]]
"""By name, a load for each round."""


@contextmanager
def endpoints() -> Iterator[dict[str, Endpoint]]:
    """Yield all that are compared, trained and warm."""
    with ExitStack() as stack, tempfile.TemporaryDirectory() as folder:
        exam = posting(Path(folder, "exam.lua"), exam_questions())
        eight = posting(Path(folder, "eight.lua"), friedman_questions())
        few, logged = (stack.enter_context(ours(TABLE, access_log=log)) for log in (False, True))
        many = stack.enter_context(ours(exam_scores(200)))
        answer = few.client.post("/predict", json=exam_questions()[0])
        urls = {
            FLOOR: stack.enter_context(serving("benchmarks.floor", len(answer.content))),
            NAIVE: stack.enter_context(serving("benchmarks.naive")) + "/predict",
            EXAM: address(few),
            EXAM_200: address(many),
            LOGGED: address(logged),
        }
        yield {
            **{name: Endpoint(url, exam) for name, url in urls.items()},
            EIGHT: Endpoint(train_friedman(few, is_wide=False), eight),
            WIDE: Endpoint(train_friedman(few, is_wide=True), eight),
        }


def measure(compared: dict[str, Endpoint], connections: int) -> Measured:
    """Load each in turns, in rounds."""
    for each in compared.values():
        load(each.url, each.script, connections, 1)
    rounds = [{name: load(*each, connections, SECONDS) for name, each in compared.items()} for _ in range(ROUNDS)]
    return {name: [done[name] for done in rounds] for name in compared}


def ratio(measured: Measured, whose: str, beside: str, figure: Callable[[Load], float] = rate) -> float:
    """Return the median of the rounds' ratios."""
    return median(figure(a) / figure(b) for a, b in zip(measured[whose], measured[beside], strict=True))


def lines(measured: Measured, connections: int) -> Iterator[str]:
    """Yield the table's rows for so many connections."""
    for name, rounds in measured.items():
        figures = [median(each) for each in zip(*rounds, strict=True)]
        said = " | ".join(("{:,.0f}", "{:.2f}", "{:.2f}")[place].format(each) for place, each in enumerate(figures))
        beside = f"{ratio(measured, name, FLOOR):.3f} | {ratio(measured, name, NAIVE):.2f}"
        yield f"| {connections} | {name} | {said} | {beside} | {ratio(measured, name, FLOOR, tail):.2f} |"


def verdict(target: Target, measured: Measured) -> str:
    """Say whether a target is met."""
    reached = ratio(measured, target.whose, target.beside, target.figure)
    is_met = reached >= target.limit if target.at_least else reached <= target.limit
    limit = f"at {'least' if target.at_least else 'most'} {target.limit:g}"
    return f"| {target.words} | {reached:.2f} | {limit} | {'met' if is_met else 'missed'} |"


def main(numbers: tuple[int, ...] = CONNECTIONS) -> None:
    """Print the table, then the targets beside what was reached at 16 connections."""
    if not is_at_hand():
        return
    with endpoints() as compared:
        print("| connections | | requests/s | p50, ms | p99, ms | of the floor | times naive | p99 / the floor's |")
        print("|---|---|---|---|---|---|---|---|")
        measured = {}
        for connections in numbers:
            measured[connections] = measure(compared, connections)
            print("\n".join(lines(measured[connections], connections)), flush=True)
    if 16 in measured:
        print("\n| at 16 connections | | target | |\n|---|---|---|---|")
        print("\n".join(verdict(target, measured[16]) for target in TARGETS))


if __name__ == "__main__":
    main(tuple(map(int, sys.argv[1:])) or CONNECTIONS)
