"""Answers to rows: as the service gives them, and as columns."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from scorecast.client.results import Document

ONE_ROW = {
    "prediction": "predictions",
    "interval": "intervals",
    "probabilities": "probabilities",
    "quantiles": "quantiles",
    "standard_deviation": "standard_deviations",
    "above": "above",
    "between": "between",
    "extrapolated": "extrapolated",
}
"""Members of the answer to a single row, and what they are called in the answer to many."""


@dataclass(frozen=True)
class Prediction:
    """The answers to some rows, in their order."""

    predictions: Sequence[Mapping[str, Any]]
    intervals: Sequence[Mapping[str, Any]]
    """For each target `lower` and `upper`, by coverage if there are several; of a classifier, or without coverage: none."""
    probabilities: Sequence[Mapping[str, Mapping[str, float]]]
    extrapolated: Sequence[Sequence[str]]
    warnings: Sequence[str]
    document: Document
    quantiles: Sequence[Mapping[str, Mapping[str, float | None]]] = ()
    """Those that were asked for, by target and probability; the following likewise."""
    standard_deviations: Sequence[Mapping[str, float | None]] = ()
    above: Sequence[Mapping[str, Mapping[str, float | None]]] = ()
    between: Sequence[Mapping[str, float | None]] = ()

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
            **{name: many[name] for name in FIGURES if name in many},
        )

    @property
    def columns(self) -> dict[str, list[Any]]:
        """The answers as columns, as an answer in CSV has them: targets, their bounds or probabilities, `extrapolated`."""
        names = _Names()
        targets = list(self.predictions[0]) if self.predictions else []
        columns = {names.choose(target): [row[target] for row in self.predictions] for target in targets}
        for target in targets:
            for end, cells in self._iterate_figures(target):
                columns[names.choose(f"{target}_{end}")] = cells
        for target in targets if self.probabilities else ():
            for word in self.probabilities[0][target]:
                columns[names.choose(f"{target}_{word}")] = [row[target][word] for row in self.probabilities]
        columns[names.choose("extrapolated")] = [" ".join(row) for row in self.extrapolated]
        return columns

    def _iterate_figures(self, target: str) -> Iterator[tuple[str, list[Any]]]:
        """Yield what a target's columns are called behind its name, and their cells."""
        told = [row[target] for row in self.intervals]
        coverages = [each for each in told[0] or {} if each not in BOUNDS] if told else []
        for coverage in coverages or [""] * bool(told):
            for end in BOUNDS:
                intervals = [(each or {}).get(coverage) if coverage else each for each in told]
                yield f"{end}_{coverage}".rstrip("_"), [(each or {}).get(end) for each in intervals]
        for member, title in KEYED.items():
            rows = [row[target] for row in getattr(self, member)]
            for key in rows[0] if rows else ():
                yield f"{title}{key}", [row[key] for row in rows]
        for member, title in SINGLE.items():
            if rows := getattr(self, member):
                yield title, [row[target] for row in rows]


BOUNDS = ("lower", "upper")
KEYED: Mapping[str, str] = {"quantiles": "q", "above": "above_"}
"""Members that hold several numbers for each target, and what stands in a column's name before the number's."""
SINGLE: Mapping[str, str] = {"standard_deviations": "standard_deviation", "between": "between"}
FIGURES = (*KEYED, *SINGLE)


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
