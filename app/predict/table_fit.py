"""The table that a version was trained with, beside what it answers for these rows, and what was said of them unseen."""

from dataclasses import dataclass

import numpy as np

from app.predict.cost import check_rows
from app.predict.prediction import classify, predict
from app.predict.request import PredictRequest
from app.tables import format_cells, read_kept_table
from model.arrays import FloatArray, IntArray
from model.checkpoint import UnseenAnswers, space_evenly
from model.predictors import Classification, Classifier, Prediction, Regressor
from model.table import Column, Dataset

Values = list[float | str | None]


@dataclass(frozen=True, eq=False)
class RowAnswers:
    """Answers to some rows, in the targets' own units."""

    predictions: dict[str, Values]
    intervals: dict[str, dict[str, Values]] | None
    """None of a classifier."""
    probabilities: dict[str, dict[str, Values]] | None
    """For the target of a classifier, of each category; None of a regressor."""


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
    answers: RowAnswers
    unseen: RowAnswers | None
    """The answers of what had not seen these rows; None: they were not kept."""


@dataclass(frozen=True, eq=False)
class FitRequest:
    """What is to be told: at most so many rows, with intervals of this coverage."""

    limit: int
    coverage: float


def make_table_fit(
    csv: bytes, unseen: UnseenAnswers | None, predictor: Regressor | Classifier, request: FitRequest
) -> TableFit:
    """Return rows of a version's table with what its predictor answers; of those of which it was kept what was said unseen."""
    signature = predictor.signature
    dataset = read_kept_table(csv, signature)
    told = space_evenly(len(dataset) if unseen is None else len(unseen.rows), request.limit)
    chosen = told if unseen is None else unseen.rows[told]
    shown = Dataset(dataset.features[chosen], dataset.targets[chosen])
    return TableFit(
        rows=len(dataset),
        row_numbers=chosen.tolist(),
        ranges=_find_ranges(dataset.features, signature.features),
        features=_name_values(shown.features, signature.features),
        targets=_name_values(shown.targets, signature.targets),
        answers=_answer(predictor, shown.features, request.coverage),
        unseen=None if unseen is None else _tell_unseen(predictor, unseen, told, request.coverage),
    )


def _answer(predictor: Regressor | Classifier, features: FloatArray, coverage: float) -> RowAnswers:
    pieces = check_rows(features, predictor, predictor.signature.features)
    request = PredictRequest(features, coverage, pieces=pieces)
    if isinstance(predictor, Classifier):
        return _tell_classes(classify(request, predictor), predictor.signature.targets[0])
    return _tell_numbers(predict(request, predictor), predictor.signature.targets)


def _tell_unseen(
    predictor: Regressor | Classifier, unseen: UnseenAnswers, told: IntArray, coverage: float
) -> RowAnswers:
    answers, inside = unseen.answers[told], np.zeros((len(told), 0), dtype=np.bool_)
    if isinstance(predictor, Classifier):
        return _tell_classes(Classification(answers, inside), predictor.signature.targets[0])
    predicted = predictor.to_prediction(answers, unseen.variances[told], coverage, inside)
    return _tell_numbers(predicted, predictor.signature.targets)


def _tell_classes(found: Classification, target: Column) -> RowAnswers:
    categories = zip(target.categories, found.probabilities.T.tolist(), strict=True)
    most_probable = found.most_probable[:, None].astype(float)
    return RowAnswers(_name_values(most_probable, (target,)), None, {target.name: dict(categories)})


def _tell_numbers(predicted: Prediction, targets: tuple[Column, ...]) -> RowAnswers:
    unknown = np.full_like(predicted.mean, np.nan)
    lower, upper = (unknown if side is None else side for side in (predicted.lower, predicted.upper))
    sides = zip(targets, lower.T, upper.T, strict=True)
    intervals = {
        column.name: {"lower": _to_values(one, column), "upper": _to_values(other, column)}
        for column, one, other in sides
    }
    return RowAnswers(_name_values(predicted.mean, targets), intervals, None)


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
