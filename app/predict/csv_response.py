"""The response to a prediction's request as CSV: the feature columns as they came, then the prediction."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.predict.prediction import classify, interval_bounds, names_outside, predict
from app.predict.request import PredictRequest
from app.tables import (
    format_cells,
    format_numbers,
    is_bare_text,
    write_bare_csv,
    write_csv,
)
from model.checkpoint import Checkpoint
from model.predictors import Classifier, Regressor
from model.table import Signature


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


def _request_columns(request: PredictRequest, signature: Signature) -> dict[str, list[str]]:
    table = request.table
    return {
        column.name: table.columns[column.name] if table is not None else format_cells(values, column)
        for column, values in zip(signature.features, request.features.T, strict=True)
    }


def _prediction_columns(request: PredictRequest, predictor: Regressor) -> dict[str, list[Any]]:
    prediction, columns = predict(request, predictor), {}
    lower, upper = interval_bounds(prediction)
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


def _cells_outside(extrapolated: NDArray[np.bool_], signature: Signature) -> list[str]:
    cells, rows = [""] * len(extrapolated), np.flatnonzero(extrapolated.any(axis=1))
    for row, names in zip(rows.tolist(), names_outside(extrapolated[rows], signature), strict=True):
        cells[row] = " ".join(names)
    return cells
