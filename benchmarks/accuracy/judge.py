"""Loads a contestant once, and judges each table in a child process, with a limit of CPU; see `results.Judge`.

    echo '["cps85", [0, 1]]' | python -m benchmarks.accuracy.judge CONTESTANT [CHECKOUT]

A line of JSON with a table and seeds comes in; a line for each seed goes out once it is there, then one that it has ended.
"""

import importlib
import json
import os
import resource
import signal
import sys
import time
import traceback
import warnings
from typing import Any, Protocol

from benchmarks.accuracy.forecast import Classes, Forecast
from benchmarks.accuracy.scores import classification_scores, regression_scores
from benchmarks.accuracy.tables import BY_NAME, Split
from benchmarks.accuracy.tables.table import numbers

MAX_CPU_SECONDS = 300
"""For each seed; whoever needs longer does not take part."""

MAX_WAITING = 20
"""Times the seconds of CPU: so long may they take on a machine that does other work."""


class Contestant(Protocol):
    """What answers a split."""

    def __call__(self, split: Split, seed: int) -> tuple[Forecast | Classes, float | None]:
        """Return the answer, and the seconds of CPU if they are not those of this process."""


def contestant(name: str, checkout: str) -> Contestant:
    """Return the contestant of this name. Raises `KeyError` where it does not take part."""
    if name in {"ours", "http", "before"}:
        module = importlib.import_module(
            f"benchmarks.accuracy.contestants.{'scorecast' if name == 'ours' else 'over_http'}"
        )
        found: Contestant = module.contestant(checkout)
        return found
    return _peer(name)


def _peer(name: str) -> Contestant:
    peers = importlib.import_module("benchmarks.accuracy.contestants.peers")
    if name in {"catboost", "lightgbm", "xgboost", "ngboost"}:
        importlib.import_module(name)  # once, and not in every child

    def answer(split: Split, seed: int) -> tuple[Forecast | Classes, float | None]:
        return (peers.CLASSIFIERS if split.is_classification else peers.REGRESSORS)[name](split, seed), None

    return answer


def judged(answer: Contestant, split: Split, seed: int) -> dict[str, Any]:
    """Return the scores of a split, or the error that came instead."""
    began = time.process_time()
    try:
        found, seconds = answer(split, seed)
    except Exception as error:
        print(traceback.format_exc(), file=sys.stderr, flush=True)
        return {"error": f"{type(error).__name__}: {error}"[:300]}
    scores = {"seconds": time.process_time() - began if seconds is None else seconds}
    if isinstance(found, Classes):
        return scores | classification_scores(split.fresh[split.target], found)
    return scores | regression_scores(numbers(split.fresh[split.target]), found, split.fresh_words())


def _too_slow(*_: object) -> None:
    raise TimeoutError(f"longer than {MAX_CPU_SECONDS} s")


def _limit(seeds: int) -> None:
    """Raise `TimeoutError` in whatever runs for too long; what does not come back to Python is killed."""
    seconds = MAX_CPU_SECONDS * seeds
    signal.signal(signal.SIGXCPU, _too_slow)
    signal.signal(signal.SIGALRM, _too_slow)
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + MAX_CPU_SECONDS))
    signal.alarm(MAX_WAITING * seconds)


def judge(answer: Contestant, table: str, seeds: list[int]) -> None:
    """Print a line for each seed."""
    _limit(len(seeds))
    for seed in seeds:
        scores = judged(answer, BY_NAME[table].draw(seed), seed)
        print(json.dumps({"table": table, "seed": seed, **scores}), flush=True)


def _in_child(answer: Contestant, table: str, seeds: list[int]) -> str:
    """Judge in a child process; return how it ended."""
    child = os.fork()
    if child == 0:
        try:
            judge(answer, table, seeds)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return f"longer than {MAX_CPU_SECONDS} s" if code == -signal.SIGXCPU else f"the process ended: {code}"


def main(name: str, checkout: str = "") -> None:
    """Judge what standard input names, until it ends."""
    warnings.simplefilter("ignore")
    answer = contestant(name, checkout)
    for text in sys.stdin:
        table, seeds = json.loads(text)
        print(json.dumps({"ended": _in_child(answer, table, seeds)}), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
