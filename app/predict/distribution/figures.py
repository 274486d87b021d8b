"""Figures: numbers that an answer gives for each target of a row, beside its mean and interval; how each is computed and called."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import isfinite
from typing import Any

import numpy as np

from app.predict.distribution.request import DistributionMembers
from model.arrays import FloatArray
from model.predictors import Distribution, Prediction
from model.table import Signature

Compute = Callable[[Distribution], Sequence[FloatArray]]


@dataclass(frozen=True, eq=False)
class Figure:
    """One number of each target, or the two ends of an interval."""

    member: str
    """Of a JSON answer to one row."""
    key: str | None
    """Which of several in that member; None: it is the only one."""
    ends: tuple[str, ...]
    """What stands behind the target's name in a table, for each column."""
    compute: Compute
    """Returns for each column an array (rows, targets)."""


@dataclass(frozen=True, eq=False)
class FigurePrediction(Prediction):
    """A prediction with the figures that were asked for."""

    figures: tuple[FloatArray, ...] = ()
    """For each figure's columns, one after the other: (rows, targets)."""


def find_figures(asked: DistributionMembers) -> tuple[Figure, ...]:
    """Return what is asked, each once, in the order of the members."""
    return tuple(_iterate_figures(asked))


def _iterate_figures(asked: DistributionMembers) -> Iterator[Figure]:
    for coverage in _distinct(asked.coverage if isinstance(asked.coverage, list) else []):
        key = _write(coverage)
        yield Figure("interval", key, (f"_lower_{key}", f"_upper_{key}"), partial(_interval, coverage))
    for probability in _distinct(asked.quantiles):
        key = _write(probability)
        yield Figure("quantiles", key, (f"_q{key}",), partial(_quantile, probability))
    if asked.standard_deviation:
        yield Figure("standard_deviation", None, ("_standard_deviation",), lambda said: [said.standard_deviation])
    for value in _distinct(asked.above if isinstance(asked.above, list) else [asked.above]):
        key = _write(value)
        yield Figure("above", key, (f"_above_{key}",), partial(_above, value))
    if asked.between is not None:
        least, most = sorted(asked.between)
        yield Figure("between", None, (f"_between_{_write(least)}_{_write(most)}",), partial(_between, least, most))


def compute_figures(figures: Iterable[Figure], said: Distribution) -> list[FloatArray]:
    """Return the columns of all figures, one after the other, each (rows, targets)."""
    return [column for figure in figures for column in figure.compute(said)]


def to_figure_members(
    figures: Sequence[Figure], prediction: FigurePrediction, signature: Signature
) -> dict[str, Callable[[slice], list[Any]]]:
    """Return by name the members of a JSON answer, each of which makes the items of some rows."""
    columns = iter(prediction.figures)
    by_member: dict[str, list[tuple[str | None, list[FloatArray]]]] = {}
    for figure in figures:
        by_member.setdefault(figure.member, []).append((figure.key, [next(columns) for _ in figure.ends]))
    return {name: partial(_make_items, told, signature) for name, told in by_member.items()}


def _make_items(told: list[tuple[str | None, list[FloatArray]]], signature: Signature, rows: slice) -> list[Any]:
    """Return for each row, by target, what is told of it: by key, if there are several."""
    numbers = [(key, [column[rows].tolist() for column in columns]) for key, columns in told]
    names = [column.name for column in signature.targets]
    return [
        {
            name: _make_item([(key, [column[row][place] for column in columns]) for key, columns in numbers])
            for place, name in enumerate(names)
        }
        for row in range(len(numbers[0][1][0]))
    ]


def _make_item(told: list[tuple[str | None, list[float]]]) -> Any:
    values = {key: _make_value(numbers) for key, numbers in told}
    return values.get(None, values)


def _make_value(numbers: list[float]) -> Any:
    if not all(map(isfinite, numbers)):
        return None
    return numbers[0] if len(numbers) == 1 else {"lower": numbers[0], "upper": numbers[1]}


def _interval(coverage: float, said: Distribution) -> Sequence[FloatArray]:
    return said.interval(coverage)


def _quantile(probability: float, said: Distribution) -> Sequence[FloatArray]:
    return [said.quantile(probability)]


def _above(value: float, said: Distribution) -> Sequence[FloatArray]:
    return [1.0 - said.below(_for_all(value, said))]


def _between(least: float, most: float, said: Distribution) -> Sequence[FloatArray]:
    under = said.below(_for_all(least, said), strictly=True)
    return [np.maximum(said.below(_for_all(most, said)) - under, 0.0)]


def _for_all(value: float, said: Distribution) -> FloatArray:
    return np.full(len(said.targets.columns), value)


def _distinct(values: Iterable[float]) -> list[float]:
    return list(dict.fromkeys(map(float, values)))


def _write(value: float) -> str:
    """Return a number as short as it can be read back: 90, not 90.0."""
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
