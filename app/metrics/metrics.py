"""The metrics of a process that serves: whatever happens in it is counted here."""

from collections.abc import Iterable
from typing import Any
from weakref import WeakKeyDictionary

from app.counts import SharedCounts
from app.metrics.answers import AnswerCounts, AnswerMetrics, OneAnswer
from app.metrics.families import ERRORS, FAILURES, TRAINING_DURATION, TRAINING_PROBLEMS, UNEXPECTED
from app.metrics.histogram import Histogram
from model.checkpoint import Checkpoint


class Metrics:
    """Counts, for one process among those that share the counts."""

    def __init__(self, counts: SharedCounts) -> None:
        self.counts = counts
        self._own = counts.own
        self._answers = AnswerCounts(counts.own)
        self._training_durations = Histogram(counts.own, TRAINING_DURATION)
        self._of_versions: WeakKeyDictionary[Checkpoint[Any], AnswerMetrics] = WeakKeyDictionary()
        self.expect_problems([UNEXPECTED])
        for problem in TRAINING_PROBLEMS:
            self._own.place(FAILURES, problem)

    def of_version(self, name: str, checkpoint: Checkpoint[Any]) -> AnswerMetrics:
        """Return what counts the answers of a version of a model, which there must be: its name becomes a label."""
        found = self._of_versions.get(checkpoint)
        if found is None:
            found = self._of_versions[checkpoint] = AnswerMetrics(self._answers, name, checkpoint)
        return found

    def begin(self, name: str, checkpoint: Checkpoint[Any]) -> OneAnswer:
        """Begin to answer a request that has been read."""
        return OneAnswer(self.of_version(name, checkpoint))

    def expect_problems(self, problems: Iterable[str]) -> None:
        """Have requests with these problems counted by their names, from 0; all others are counted as unexpected."""
        for problem in problems:
            self._own.place(ERRORS, problem)

    def count_error(self, problem: str) -> None:
        """Count a request that was answered with a problem document."""
        self._count(ERRORS, problem)

    def count_training(self, seconds: float | None, problem: str | None) -> None:
        """Count a training that has made a version, and how long it took; or has failed, and why."""
        if problem is not None:
            self._count(FAILURES, problem)
        elif seconds is not None:
            with self._own.lock:
                self._training_durations.observe([seconds])

    def close(self) -> None:
        """Count nothing more: the process is about to end."""
        self._own.end()

    def _count(self, metric: str, problem: str) -> None:
        place = self._own.place(metric, problem, limit=0)
        place = self._own.place(metric, UNEXPECTED) if place is None else place
        with self._own.lock:
            self._own.numbers[place or 0] += 1
