"""What the statistics extension of the Open Inference Protocol tells: how often versions were asked to infer, and what that took.

Requests to infer are what is counted: those of other protocols are told by the metrics. All processes of a server count
together.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from app.counts import Name, SharedCounts

PHASES = ("queue", "compute_input", "compute_infer", "compute_output")
"""What a request goes through, in this order: it arrives and waits, is read, is answered, and the answer is written."""

FAMILY = "v2_statistics"
"""Under which the numbers stand among the counts."""

FULL: Name = (FAMILY, "full")
"""Whether there were versions that found no room."""

ROWS, LAST, SUCCESS, FAIL = "rows", "last", "success", "fail"
NUMBERS = (ROWS, LAST, SUCCESS, FAIL, *(f"{name}_ns" for name in (SUCCESS, FAIL, *PHASES)))
"""What is kept of a version: how often, how long in nanoseconds, and when last in milliseconds since 1970."""

MAX_VERSIONS = 50
"""Versions that are counted; others are not told of."""

Key = tuple[str, int]
"""A model's name, and the number of a version."""


class Stopwatch:
    """How long the phases of one request take, in nanoseconds."""

    def __init__(self) -> None:
        self.rows = 0
        self.phases: dict[str, int] = {}
        self._began = self._then = time.perf_counter_ns()

    def end_phase(self, name: str) -> None:
        """Take down a phase, which began when the one before it ended."""
        now = time.perf_counter_ns()
        self.phases[name], self._then = now - self._then, now

    @property
    def total(self) -> int:
        """How long it has taken so far."""
        return time.perf_counter_ns() - self._began


class InferenceCounts:
    """What was asked of versions, since the server began."""

    def __init__(self, counts: SharedCounts) -> None:
        self._shared, self._own = counts, counts.own
        self._full = counts.own.place(*FULL)
        self._places: dict[Key, Mapping[str, int] | None] = {}

    @contextmanager
    def measuring(self, key: Key) -> Iterator[Stopwatch]:
        """Count what happens in the block as a request to infer; as one that failed if it raises."""
        watch = Stopwatch()
        try:
            yield watch
        except BaseException:
            self._add(key, {FAIL: 1, "fail_ns": watch.total})
            raise
        took = {f"{name}_ns": ns for name, ns in (*watch.phases.items(), (SUCCESS, watch.total))}
        self._add(key, {SUCCESS: 1, ROWS: watch.rows, **took}, time.time_ns() // 1_000_000)

    def describe(self, keys: Iterable[Key]) -> dict[str, Any]:
        """Return what the extension answers about these versions; those that a process had no room to count are left out."""
        of_each = [counts.read() for counts in self._shared.places]
        full = [numbers for numbers in of_each if numbers.get(FULL)]
        told = [key for key in keys if all(_name(key, NUMBERS[-1]) in numbers for numbers in full)]
        return {"model_stats": [_describe(key, of_each) for key in told]}

    def _add(self, key: Key, amounts: Mapping[str, int], now: int = 0) -> None:
        if key not in self._places:
            self._places[key] = self._find_places(key)
        if (places := self._places[key]) is None:
            return
        with self._own.lock:
            for name, amount in amounts.items():
                self._own.numbers[places[name]] += amount
            self._own.numbers[places[LAST]] = now or self._own.numbers[places[LAST]]

    def _find_places(self, key: Key) -> Mapping[str, int] | None:
        """Return where a version's numbers stand; None: there is no room for them, which is taken down."""
        limit = MAX_VERSIONS * len(NUMBERS) + 1
        found: dict[str, int] = {}
        for name in NUMBERS:
            if (place := self._own.place(*_name(key, name), limit=limit)) is None:
                if self._full is not None:
                    self._own.numbers[self._full] = 1
                return None
            found[name] = place
        return found


def _name(key: Key, number: str) -> Name:
    return (FAMILY, key[0], str(key[1]), number)


def _describe(key: Key, of_each: list[dict[Name, float]]) -> dict[str, Any]:
    """Return a version's numbers, of all processes, as the extension has them: each request is one execution."""
    found = {name: [int(numbers.get(_name(key, name), 0)) for numbers in of_each] for name in NUMBERS}
    counts = {name: sum(found[FAIL if name == FAIL else SUCCESS]) for name in (SUCCESS, FAIL, *PHASES)}
    return {
        "name": key[0],
        "version": str(key[1]),
        "last_inference": max(found[LAST]),
        "inference_count": sum(found[ROWS]),
        "execution_count": counts[SUCCESS],
        "inference_stats": {name: {"count": count, "ns": sum(found[f"{name}_ns"])} for name, count in counts.items()},
        "batch_stats": [],
    }
