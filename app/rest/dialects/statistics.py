"""What the statistics extension of the Open Inference Protocol tells: how often versions were asked to infer, and what that took.

Requests to infer are what is counted: those of other protocols are told by the metrics. Each process counts its own.
"""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

PHASES = ("queue", "compute_input", "compute_infer", "compute_output")
"""What a request goes through, in this order: it waits, is read, is answered, and the answer is written."""

MAX_VERSIONS = 10_000
"""Versions that are counted; of more, those that were asked first are counted anew."""

Key = tuple[str, int]
"""A model's name, and the number of a version."""


@dataclass(frozen=True)
class Duration:
    """How often something was done, and how long it took in all."""

    count: int = 0
    ns: int = 0

    def plus(self, ns: int) -> "Duration":
        """Return it with one more."""
        return Duration(self.count + 1, self.ns + ns)


NEVER = Duration()


@dataclass(frozen=True)
class Counts:
    """What is known of one version."""

    rows: int = 0
    last_inference: int = 0
    """Milliseconds since 1970."""
    durations: Mapping[str, Duration] = field(default_factory=dict)

    def plus(self, watch: "Stopwatch", *, is_success: bool) -> "Counts":
        """Return them with one more request."""
        measured = {**watch.phases, "success": watch.total} if is_success else {"fail": watch.total}
        durations = {name: self.durations.get(name, NEVER).plus(ns) for name, ns in measured.items()}
        together = {**self.durations, **durations}
        if not is_success:
            return Counts(self.rows, self.last_inference, together)
        return Counts(self.rows + watch.rows, time.time_ns() // 1_000_000, together)

    def describe(self, name: str, version: int) -> dict[str, Any]:
        """Return them as the extension has them. Each request is one execution: rows of several are not answered together."""
        durations = {each: vars(self.durations.get(each, NEVER)) for each in ("success", "fail", *PHASES)}
        return {
            "name": name,
            "version": str(version),
            "last_inference": self.last_inference,
            "inference_count": self.rows,
            "execution_count": durations["success"]["count"],
            "inference_stats": durations,
            "batch_stats": [],
        }


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
    """What is known of all versions, since the process began. The event loop alone adds to it."""

    def __init__(self) -> None:
        self._counts: dict[Key, Counts] = {}

    @contextmanager
    def measuring(self, key: Key) -> Iterator[Stopwatch]:
        """Count what happens in the block as a request to infer; as one that failed if it raises."""
        watch = Stopwatch()
        try:
            yield watch
        except BaseException:
            self._add(key, watch, is_success=False)
            raise
        self._add(key, watch, is_success=True)

    def describe(self, keys: Iterable[Key]) -> dict[str, Any]:
        """Return what the extension answers about these versions."""
        return {"model_stats": [self._counts.get(key, Counts()).describe(*key) for key in keys]}

    def _add(self, key: Key, watch: Stopwatch, *, is_success: bool) -> None:
        if key not in self._counts and len(self._counts) >= MAX_VERSIONS:
            del self._counts[next(iter(self._counts))]
        self._counts[key] = self._counts.get(key, Counts()).plus(watch, is_success=is_success)
