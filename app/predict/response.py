"""The response to a prediction's request: as JSON, or as a CSV with the columns of the request before it."""

from collections.abc import Iterator
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.predict.request import PredictRequest
from app.tables import (
    MAX_ERRORS,
    BodyError,
    InvalidBody,
    Path,
    describe_place,
    format_cells,
    format_numbers,
    is_bare_text,
    make_pointer,
    to_rows,
    write_bare_csv,
    write_csv,
)
from model.arrays import FloatArray
from model.checkpoint import Checkpoint
from model.fitting import FEW_ROWS
from model.predictors import Classification, Classifier, Prediction, Predictor
from model.table import Signature

UNKNOWN_VARIANCE = (
    "the spread of {name} cannot be estimated: it was trained on a single row, or on rows that all have the same value"
)
FEW_ROWS_WARNING = (
    f"trained on {{rows}} rows: with fewer than {FEW_ROWS}, prediction intervals are not to be trusted yet"
)


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


def _prediction_to_json(request: PredictRequest, checkpoint: Checkpoint[Predictor]) -> dict[str, Any]:
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


def to_csv(request: PredictRequest, checkpoint: Checkpoint[Any]) -> str:
    """Return a CSV response: the feature columns as they came, then those of the prediction, then `extrapolated`."""
    predictor = checkpoint.predictor
    columns = _request_columns(request, predictor.signature)
    columns |= (_class_columns if isinstance(predictor, Classifier) else _prediction_columns)(request, predictor)
    write = write_bare_csv if _is_bare(request, predictor.signature) else write_csv
    return write(list(columns), zip(*columns.values(), strict=True))


def _is_bare(request: PredictRequest, signature: Signature) -> bool:
    """Whether no cell of a CSV response needs quotes."""
    names = (column.name for column in signature.features)  # which is what `extrapolated` holds
    features_are_bare = (
        request.table.is_bare if request.table else not any(column.is_category for column in signature.features)
    )
    return features_are_bare and not signature.is_classification and all(map(is_bare_text, names))


def predict(request: PredictRequest, predictor: Predictor) -> Prediction:
    """Predict targets. Raises `InvalidBody` for rows without a finite prediction."""
    with np.errstate(all="ignore"):
        prediction = predictor.predict(request.features, request.coverage)
    _check_finite(request, prediction.mean)
    return prediction


def classify(request: PredictRequest, classifier: Classifier) -> Classification:
    """Predict the categories of the target. Raises `InvalidBody` for rows without finite probabilities."""
    with np.errstate(all="ignore"):
        classification = classifier.predict(request.features)
    _check_finite(request, classification.probabilities)
    return classification


def _check_finite(request: PredictRequest, predicted: FloatArray) -> None:
    """Raise `InvalidBody` if rows are so far from the training data that their prediction is not finite."""
    are_finite = np.isfinite(predicted)
    if not are_finite.all():
        wrong = np.flatnonzero(~are_finite.all(axis=1))[:MAX_ERRORS].tolist()
        paths: list[Path] = [() if request.is_single else ("rows", row) for row in wrong]
        words = "too far outside the training data for a finite prediction"
        raise InvalidBody([BodyError(describe_place(path) + words, make_pointer(path)) for path in paths])


def _request_columns(request: PredictRequest, signature: Signature) -> dict[str, list[str]]:
    table = request.table
    return {
        column.name: table.columns[column.name] if table is not None else format_cells(values, column)
        for column, values in zip(signature.features, request.features.T, strict=True)
    }


def _prediction_columns(request: PredictRequest, predictor: Predictor) -> dict[str, list[Any]]:
    prediction, columns = predict(request, predictor), {}
    lower, upper = _bounds(prediction)
    for index, column in enumerate(predictor.signature.targets):
        columns[column.name] = format_numbers(prediction.mean[:, index])
        if request.coverage is not None:
            columns[f"{column.name}_lower"] = format_numbers(lower[:, index])
            columns[f"{column.name}_upper"] = format_numbers(upper[:, index])
    columns["extrapolated"] = _cells_outside(prediction.extrapolated, predictor.signature)
    return columns


def _class_columns(request: PredictRequest, classifier: Classifier) -> dict[str, list[Any]]:
    classification, target = classify(request, classifier), classifier.signature.targets[0]
    columns: dict[str, list[Any]] = {
        target.name: [target.categories[code] for code in classification.most_probable.tolist()]
    }
    for code, category in enumerate(target.categories):
        columns[f"{target.name}_{category}"] = format_numbers(classification.probabilities[:, code])
    columns["extrapolated"] = _cells_outside(classification.extrapolated, classifier.signature)
    return columns


def names_outside(extrapolated: NDArray[np.bool_], signature: Signature) -> list[list[str]]:
    """Return, for each row, the names of the features that are outside the range of the training data.

    `extrapolated` has a row for each row and a column for each feature.
    """
    if not extrapolated.any():
        return [[] for _ in extrapolated]
    names = [column.name for column in signature.features]
    rows = extrapolated.tolist()
    return [[name for name, is_outside in zip(names, row, strict=True) if is_outside] for row in rows]


def _cells_outside(extrapolated: NDArray[np.bool_], signature: Signature) -> list[str]:
    cells, rows = [""] * len(extrapolated), np.flatnonzero(extrapolated.any(axis=1))
    for row, names in zip(rows.tolist(), names_outside(extrapolated[rows], signature), strict=True):
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


def find_warnings(checkpoint: Checkpoint[Predictor]) -> Iterator[str]:
    """Yield what the caller should know about a version's intervals before relying on them."""
    predictor, rows = checkpoint.predictor, checkpoint.report.rows
    for column, is_known in zip(predictor.signature.targets, predictor.has_spread.tolist(), strict=True):
        if not is_known:
            yield UNKNOWN_VARIANCE.format(name=column.name)
    if 1 < rows < FEW_ROWS:
        yield FEW_ROWS_WARNING.format(rows=rows)
