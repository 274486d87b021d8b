"""The response to a prediction's request: as JSON."""

from collections.abc import Iterator
from math import isfinite
from typing import Any

from app.predict.prediction import classify, interval_bounds, names_outside, predict
from app.predict.request import PredictRequest
from app.tables import (
    to_rows,
)
from model.checkpoint import Checkpoint
from model.fitting import MIN_ROWS_FOR_INTERVALS
from model.predictors import Classifier, Prediction, Regressor
from model.table import Signature

UNKNOWN_VARIANCE = (
    "the spread of {name} cannot be estimated: it was trained on a single row, or on rows that all have the same value"
)
FEW_ROWS_WARNING = f"trained on {{rows}} rows: with fewer than {MIN_ROWS_FOR_INTERVALS}, prediction intervals are not to be trusted yet"


def to_json(request: PredictRequest, checkpoint: Checkpoint[Any]) -> dict[str, Any]:
    """Return the members of a JSON response that hold the prediction."""
    predictor = checkpoint.predictor
    body = (
        _classification_to_json(request, predictor)
        if isinstance(predictor, Classifier)
        else _prediction_to_json(request, checkpoint)
    )
    return _select_row(body, 0) if request.is_single else body


def to_json_rows(request: PredictRequest, checkpoint: Checkpoint[Any]) -> Iterator[dict[str, Any]]:
    """Yield for each row the members that a request with this row alone would get."""
    body = to_json(request, checkpoint)
    return (_select_row(body, row) for row in range(len(request.features)))


def _select_row(body: dict[str, Any], row: int) -> dict[str, Any]:
    return {_SINGLE.get(name, name): value[row] if name in _SINGLE else value for name, value in body.items()}


_SINGLE = {
    "predictions": "prediction",
    "probabilities": "probabilities",
    "intervals": "interval",
    "extrapolated": "extrapolated",
}
"""Members with an item for each row, and what they are called in the response to a single row."""


def _prediction_to_json(request: PredictRequest, checkpoint: Checkpoint[Regressor]) -> dict[str, Any]:
    predictor, signature = checkpoint.predictor, checkpoint.predictor.signature
    prediction = predict(request, predictor)
    body: dict[str, Any] = {"predictions": to_rows(prediction.mean, signature.targets)}
    if request.coverage is not None:
        body["intervals"] = list(_intervals(prediction, signature))
        body["coverage"] = request.coverage
    body["extrapolated"] = names_outside(prediction.extrapolated, signature)
    body["warnings"] = list(find_warnings(checkpoint)) if request.coverage is not None else []
    return body


def _classification_to_json(request: PredictRequest, classifier: Classifier) -> dict[str, Any]:
    classification, target = classify(request, classifier), classifier.signature.targets[0]
    labels = [target.categories[code] for code in classification.most_probable.tolist()]
    rows = classification.probabilities.tolist()
    return {
        "predictions": [{target.name: label} for label in labels],
        "probabilities": [{target.name: dict(zip(target.categories, row, strict=True))} for row in rows],
        "extrapolated": names_outside(classification.extrapolated, classifier.signature),
        "warnings": [],
    }


def _intervals(prediction: Prediction, signature: Signature) -> Iterator[dict[str, Any]]:
    names = [column.name for column in signature.targets]
    for lower, upper in zip(*(bound.tolist() for bound in interval_bounds(prediction)), strict=True):
        yield {
            name: {"lower": least, "upper": most} if isfinite(least) and isfinite(most) else None
            for name, least, most in zip(names, lower, upper, strict=True)
        }


def find_warnings(checkpoint: Checkpoint[Regressor]) -> Iterator[str]:
    """Yield what the caller should know about a version's intervals before relying on them."""
    predictor, rows = checkpoint.predictor, checkpoint.report.rows
    for column, is_known in zip(predictor.signature.targets, predictor.has_spread.tolist(), strict=True):
        if not is_known:
            yield UNKNOWN_VARIANCE.format(name=column.name)
    if 1 < rows < MIN_ROWS_FOR_INTERVALS:
        yield FEW_ROWS_WARNING.format(rows=rows)
