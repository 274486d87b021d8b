"""A prediction as it is answered: as JSON, or as a CSV beside what was asked."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from app.questions import Question
from app.rows import to_rows
from app.tables import write_csv
from model.activations import FloatArray
from model.checkpoint import Checkpoint
from model.inspection import FEW_ROWS
from model.predictor import Prediction
from model.signature import Signature

NO_SPREAD = (
    "the spread of {name} cannot be estimated: it was trained on a single row, or on rows that all have the same value"
)
FEW = f"trained on {{rows}} rows: with fewer than {FEW_ROWS}, prediction intervals are not to be trusted yet"


def answer(question: Question, prediction: Prediction, checkpoint: Checkpoint) -> dict[str, Any]:
    """Return the members of a JSON answer that say what was predicted."""
    signature = checkpoint.predictor.signature
    rows = to_rows(prediction.mean, signature.targets)
    features = [column.name for column in signature.features]
    outside = [[features[k] for k in np.flatnonzero(row)] for row in prediction.extrapolated]
    if question.is_single:
        answers: dict[str, Any] = {"prediction": rows[0]}
    else:
        answers = {"predictions": rows}
    if question.coverage is not None:
        intervals = list(_intervals(prediction, signature))
        answers["interval" if question.is_single else "intervals"] = intervals[0] if question.is_single else intervals
        answers["coverage"] = question.coverage
    answers["extrapolated"] = outside[0] if question.is_single else outside
    answers["warnings"] = list(_warnings(checkpoint)) if question.coverage is not None else []
    return answers


def answer_csv(question: Question, prediction: Prediction, signature: Signature) -> str:
    """Return a CSV answer: the columns that were asked, as they came, then targets, intervals and `extrapolated`."""
    features = [column.name for column in signature.features]
    columns: dict[str, list[Any]] = {}
    for index, name in enumerate(features):
        table = question.table
        columns[name] = table.columns[name] if table is not None else question.features[:, index].tolist()
    lower, upper = _bounds(prediction)
    for index, column in enumerate(signature.targets):
        columns[column.name] = prediction.mean[:, index].tolist()
        if question.coverage is not None:
            columns[f"{column.name}_lower"] = _cells(lower[:, index])
            columns[f"{column.name}_upper"] = _cells(upper[:, index])
    columns["extrapolated"] = [" ".join(features[k] for k in np.flatnonzero(row)) for row in prediction.extrapolated]
    return write_csv(list(columns), zip(*columns.values(), strict=True))


def _intervals(prediction: Prediction, signature: Signature) -> Iterator[dict[str, Any]]:
    names = [column.name for column in signature.targets]
    for lower, upper in zip(*(bound.tolist() for bound in _bounds(prediction)), strict=True):
        yield {
            name: {"lower": least, "upper": most} if least == least else None  # noqa: PLR0124 - NaN: unknown
            for name, least, most in zip(names, lower, upper, strict=True)
        }


def _bounds(prediction: Prediction) -> tuple[FloatArray, FloatArray]:
    if prediction.lower is None or prediction.upper is None:
        unknown = np.full_like(prediction.mean, np.nan)
        return unknown, unknown
    return prediction.lower, prediction.upper


def _cells(values: FloatArray) -> list[float | None]:
    return [None if np.isnan(value) else value for value in values.tolist()]


def _warnings(checkpoint: Checkpoint) -> Iterator[str]:
    """Say what keeps the intervals from being what they should be."""
    predictor, rows = checkpoint.predictor, checkpoint.report.rows
    for column, is_known in zip(predictor.signature.targets, predictor.has_spread.tolist(), strict=True):
        if not is_known:
            yield NO_SPREAD.format(name=column.name)
    if 1 < rows < FEW_ROWS:
        yield FEW.format(rows=rows)
