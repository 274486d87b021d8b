"""A prediction as it is answered: as JSON, or as a CSV beside what was asked."""

from collections.abc import Iterator
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.predict.request import Question
from app.tables import (
    MOST_ERRORS,
    BodyError,
    InvalidBody,
    Path,
    is_bare_text,
    place_of,
    pointer_to,
    text_of_numbers,
    texts,
    to_rows,
    write_bare_csv,
    write_csv,
)
from model.arrays import FloatArray
from model.checkpoint import Checkpoint
from model.fitting import FEW_ROWS
from model.predictors import Classification, Classifier, Prediction, Predictor
from model.table import Signature

NO_SPREAD = (
    "the spread of {name} cannot be estimated: it was trained on a single row, or on rows that all have the same value"
)
FEW = f"trained on {{rows}} rows: with fewer than {FEW_ROWS}, prediction intervals are not to be trusted yet"


def answer(question: Question, checkpoint: Checkpoint[Any]) -> dict[str, Any]:
    """Return the members of a JSON answer that say what is predicted."""
    predictor = checkpoint.predictor
    told = _classified(question, predictor) if isinstance(predictor, Classifier) else _predicted(question, checkpoint)
    return _of_row(told, 0) if question.is_single else told


def answers(question: Question, checkpoint: Checkpoint[Any]) -> Iterator[dict[str, Any]]:
    """Yield for each row what it would have been answered alone."""
    told = answer(question, checkpoint)
    return (_of_row(told, row) for row in range(len(question.features)))


def _of_row(told: dict[str, Any], row: int) -> dict[str, Any]:
    return {_SINGLE.get(name, name): value[row] if name in _SINGLE else value for name, value in told.items()}


_SINGLE = {
    "predictions": "prediction",
    "probabilities": "probabilities",
    "intervals": "interval",
    "extrapolated": "extrapolated",
}
"""What a member for many rows is called for a single one."""


def _predicted(question: Question, checkpoint: Checkpoint[Predictor]) -> dict[str, Any]:
    predictor, signature = checkpoint.predictor, checkpoint.predictor.signature
    prediction = answered(question, predictor)
    told: dict[str, Any] = {"predictions": to_rows(prediction.mean, signature.targets)}
    if question.coverage is not None:
        told["intervals"] = list(_intervals(prediction, signature))
        told["coverage"] = question.coverage
    told["extrapolated"] = outside(prediction.extrapolated, signature)
    told["warnings"] = list(warnings(checkpoint)) if question.coverage is not None else []
    return told


def _classified(question: Question, classifier: Classifier) -> dict[str, Any]:
    classification, target = _told_apart(question, classifier), classifier.signature.targets[0]
    labels = [target.categories[code] for code in classification.most_probable.tolist()]
    rows = classification.probabilities.tolist()
    return {
        "predictions": [{target.name: label} for label in labels],
        "probabilities": [{target.name: dict(zip(target.categories, row, strict=True))} for row in rows],
        "extrapolated": outside(classification.extrapolated, classifier.signature),
        "warnings": [],
    }


def answer_csv(question: Question, checkpoint: Checkpoint[Any]) -> str:
    """Return a CSV answer: the columns that were asked, as they came, then what is predicted and `extrapolated`."""
    predictor = checkpoint.predictor
    columns = _asked(question, predictor.signature)
    columns |= (_classified_columns if isinstance(predictor, Classifier) else _predicted_columns)(question, predictor)
    write = write_bare_csv if _is_bare(question, predictor.signature) else write_csv
    return write(list(columns), zip(*columns.values(), strict=True))


def _is_bare(question: Question, signature: Signature) -> bool:
    """Whether no cell of a CSV answer needs quotes."""
    names = (column.name for column in signature.features)  # which is what `extrapolated` holds
    asked = question.table.is_bare if question.table else not any(column.is_category for column in signature.features)
    return asked and not signature.is_classification and all(map(is_bare_text, names))


def answered(question: Question, predictor: Predictor) -> Prediction:
    """Predict. Raises `InvalidBody` for rows that no finite number answers."""
    with np.errstate(all="ignore"):
        prediction = predictor.predict(question.features, question.coverage)
    _demand_finite(question, prediction.mean)
    return prediction


def _told_apart(question: Question, classifier: Classifier) -> Classification:
    with np.errstate(all="ignore"):
        classification = classifier.predict(question.features)
    _demand_finite(question, classification.probabilities)
    return classification


def _demand_finite(question: Question, answers: FloatArray) -> None:
    """Raise `InvalidBody` if rows are so far from all that was learned that no number answers them."""
    are_finite = np.isfinite(answers)
    if not are_finite.all():
        wrong = np.flatnonzero(~are_finite.all(axis=1))[:MOST_ERRORS].tolist()
        paths: list[Path] = [() if question.is_single else ("rows", row) for row in wrong]
        words = "so far outside of the rows that were learned from that there is no finite answer"
        raise InvalidBody([BodyError(place_of(path) + words, pointer_to(path)) for path in paths])


def _asked(question: Question, signature: Signature) -> dict[str, list[str]]:
    table = question.table
    return {
        column.name: table.columns[column.name] if table is not None else text_of_numbers(values, column)
        for column, values in zip(signature.features, question.features.T, strict=True)
    }


def _predicted_columns(question: Question, predictor: Predictor) -> dict[str, list[Any]]:
    prediction, columns = answered(question, predictor), {}
    lower, upper = _bounds(prediction)
    for index, column in enumerate(predictor.signature.targets):
        columns[column.name] = texts(prediction.mean[:, index])
        if question.coverage is not None:
            columns[f"{column.name}_lower"] = texts(lower[:, index])
            columns[f"{column.name}_upper"] = texts(upper[:, index])
    columns["extrapolated"] = _names_outside(prediction.extrapolated, predictor.signature)
    return columns


def _classified_columns(question: Question, classifier: Classifier) -> dict[str, list[Any]]:
    classification, target = _told_apart(question, classifier), classifier.signature.targets[0]
    columns: dict[str, list[Any]] = {
        target.name: [target.categories[code] for code in classification.most_probable.tolist()]
    }
    for code, category in enumerate(target.categories):
        columns[f"{target.name}_{category}"] = texts(classification.probabilities[:, code])
    columns["extrapolated"] = _names_outside(classification.extrapolated, classifier.signature)
    return columns


def outside(extrapolated: NDArray[np.bool_], signature: Signature) -> list[list[str]]:
    """Return the names of the features that are outside of what was learned from, for each row (rows, features)."""
    if not extrapolated.any():
        return [[] for _ in extrapolated]
    names = [column.name for column in signature.features]
    rows = extrapolated.tolist()
    return [[name for name, is_outside in zip(names, row, strict=True) if is_outside] for row in rows]


def _names_outside(extrapolated: NDArray[np.bool_], signature: Signature) -> list[str]:
    cells, rows = [""] * len(extrapolated), np.flatnonzero(extrapolated.any(axis=1))
    for row, names in zip(rows.tolist(), outside(extrapolated[rows], signature), strict=True):
        cells[row] = " ".join(names)
    return cells


def _intervals(prediction: Prediction, signature: Signature) -> Iterator[dict[str, Any]]:
    names = [column.name for column in signature.targets]
    for lower, upper in zip(*(bound.tolist() for bound in _bounds(prediction)), strict=True):
        yield {
            name: {"lower": least, "upper": most} if isfinite(least) and isfinite(most) else None
            for name, least, most in zip(names, lower, upper, strict=True)
        }


def _bounds(prediction: Prediction) -> tuple[FloatArray, FloatArray]:
    if prediction.lower is None or prediction.upper is None:
        unknown = np.full_like(prediction.mean, np.nan)
        return unknown, unknown
    return prediction.lower, prediction.upper


def warnings(checkpoint: Checkpoint[Predictor]) -> Iterator[str]:
    """Say what keeps the intervals from being what they should be."""
    predictor, rows = checkpoint.predictor, checkpoint.report.rows
    for column, is_known in zip(predictor.signature.targets, predictor.has_spread.tolist(), strict=True):
        if not is_known:
            yield NO_SPREAD.format(name=column.name)
    if 1 < rows < FEW_ROWS:
        yield FEW.format(rows=rows)
