"""Answers to rows: as the service gives them, and as columns."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scorecast.client.results import Document

ONE_ROW = {
    "prediction": "predictions",
    "interval": "intervals",
    "probabilities": "probabilities",
    "extrapolated": "extrapolated",
}
"""Members of the answer to a single row, and what they are called in the answer to many."""


@dataclass(frozen=True)
class Prediction:
    """The answers to some rows, in their order."""

    predictions: Sequence[Mapping[str, Any]]
    intervals: Sequence[Mapping[str, Mapping[str, float] | None]]
    """Of a classifier, or without coverage: none."""
    probabilities: Sequence[Mapping[str, Mapping[str, float]]]
    extrapolated: Sequence[Sequence[str]]
    warnings: Sequence[str]
    document: Document

    @staticmethod
    def read(answer: Document) -> "Prediction":
        """Read an answer to one row, or to many."""
        one = {ONE_ROW[name]: [answer[name]] for name in ONE_ROW if name in answer} if "prediction" in answer else {}
        many = {**answer, **one}
        return Prediction(
            many["predictions"],
            many.get("intervals") or [],
            many.get("probabilities") or [],
            many["extrapolated"],
            answer["warnings"],
            answer,
        )

    @property
    def columns(self) -> dict[str, list[Any]]:
        """The answers as columns, as an answer in CSV has them: targets, their bounds or probabilities, `extrapolated`."""
        names = _Names()
        targets = list(self.predictions[0]) if self.predictions else []
        columns = {names.choose(target): [row[target] for row in self.predictions] for target in targets}
        for target in targets if self.intervals else ():
            for end in ("lower", "upper"):
                columns[names.choose(f"{target}_{end}")] = [(row[target] or {}).get(end) for row in self.intervals]
        for target in targets if self.probabilities else ():
            for word in self.probabilities[0][target]:
                columns[names.choose(f"{target}_{word}")] = [row[target][word] for row in self.probabilities]
        columns[names.choose("extrapolated")] = [" ".join(row) for row in self.extrapolated]
        return columns


def join_answers(answers: Sequence[Document]) -> Document:
    """Return the answers to the pieces of a table as the answer to all of it."""
    first = answers[0]
    joined = {name: [row for each in answers for row in each[name]] for name in ONE_ROW.values() if name in first}
    told = {name: list(dict.fromkeys(line for each in answers for line in each.get(name, ()))) for name in TOLD}
    return {**first, **joined, **{name: lines for name, lines in told.items() if lines or name in first}}


TOLD = ("warnings", "read")
"""Members that say something of the table as a whole."""


class _Names:
    """The names of columns, none of them twice; as the service chooses them."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def choose(self, name: str) -> str:
        while name in self._taken:
            name += "_predicted"
        self._taken.add(name)
        return name
