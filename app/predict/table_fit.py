"""The table that a version was trained with, beside what it answers for these rows."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from app.predict.cost import check_rows
from app.predict.prediction import classify, predict
from app.predict.request import PredictRequest
from app.tables import format_cells, parse_csv, split_dataset, table_to_matrix
from model.arrays import FloatArray
from model.predictors import Classifier, Regressor
from model.table import Column, Dataset

Values = list[float | str | None]


@dataclass(frozen=True, eq=False)
class TableFit:
    """Rows of a table, evenly chosen, and the answers to them. Words and dates are texts, gaps None."""

    rows: int
    """Of the whole table."""
    row_numbers: list[int]
    """Which of them are told, from 0."""
    ranges: dict[str, dict[str, float | str]]
    """For each feature that is a number or a date, the least and the greatest value of all rows."""
    features: dict[str, Values]
    targets: dict[str, Values]
    predictions: dict[str, Values]
    intervals: dict[str, dict[str, Values]] | None
    """None of a classifier."""
    probabilities: dict[str, dict[str, Values]] | None
    """For the target of a classifier, of each category; None of a regressor."""


def make_table_fit(csv: bytes, predictor: Regressor | Classifier, limit: int, coverage: float) -> TableFit:
    """Return a version's table, at most `limit` rows of it, with what its predictor answers."""
    signature = predictor.signature
    # Numbers were written plainly when the table was kept, and dates as ISO 8601 has them.
    plain = tuple(column if column.is_date else replace(column, reading=None) for column in signature.columns)
    dataset = split_dataset(table_to_matrix(parse_csv(csv), plain), signature)
    chosen = choose_rows(len(dataset), limit)
    shown = Dataset(dataset.features[chosen], dataset.targets[chosen])
    pieces = check_rows(shown.features, predictor, signature.features)
    answered = _answer(predictor, PredictRequest(shown.features, coverage, pieces=pieces))
    return TableFit(
        rows=len(dataset),
        row_numbers=chosen.tolist(),
        ranges=_find_ranges(dataset.features, signature.features),
        features=_name_values(shown.features, signature.features),
        targets=_name_values(shown.targets, signature.targets),
        **answered,
    )


def choose_rows(count: int, limit: int) -> np.ndarray[Any, np.dtype[np.intp]]:
    """Return the numbers of at most `limit` of so many rows, evenly spaced, the first and the last among them."""
    return np.linspace(0, count - 1, min(count, limit)).round().astype(np.intp)


def _answer(predictor: Regressor | Classifier, request: PredictRequest) -> dict[str, Any]:
    targets = predictor.signature.targets
    if isinstance(predictor, Classifier):
        found = classify(request, predictor)
        categories = zip(targets[0].categories, found.probabilities.T.tolist(), strict=True)
        most_probable = found.most_probable[:, None].astype(float)
        return {
            "predictions": _name_values(most_probable, targets),
            "intervals": None,
            "probabilities": {targets[0].name: dict(categories)},
        }
    predicted = predict(request, predictor)
    unknown = np.full_like(predicted.mean, np.nan)
    lower, upper = (unknown if side is None else side for side in (predicted.lower, predicted.upper))
    sides = zip(targets, lower.T, upper.T, strict=True)
    return {
        "predictions": _name_values(predicted.mean, targets),
        "intervals": {
            column.name: {"lower": _to_values(one, column), "upper": _to_values(other, column)}
            for column, one, other in sides
        },
        "probabilities": None,
    }


def _find_ranges(features: FloatArray, columns: tuple[Column, ...]) -> dict[str, dict[str, float | str]]:
    ranges: dict[str, dict[str, float | str]] = {}
    for column, values in zip(columns, features.T, strict=True):
        known = values[~np.isnan(values)]
        if not column.is_category and len(known):
            least, greatest = _to_values(np.array([known.min(), known.max()]), column)
            assert least is not None and greatest is not None  # noqa: S101, PT018 - for the type checker
            ranges[column.name] = {"minimum": least, "maximum": greatest}
    return ranges


def _name_values(matrix: FloatArray, columns: tuple[Column, ...]) -> dict[str, Values]:
    """Return the columns of a matrix (rows, columns) by name."""
    return {column.name: _to_values(values, column) for column, values in zip(columns, matrix.T, strict=True)}


def _to_values(values: FloatArray, column: Column) -> Values:
    """Return the JSON values of a column (rows,)."""
    if column.is_category or column.is_date:
        return [text or None for text in format_cells(values, column)]
    return [value if np.isfinite(value) else None for value in values.tolist()]
