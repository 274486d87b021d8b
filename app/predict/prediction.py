"""What a model predicts for a request, with a reason where it cannot; and which features were outside its training data."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.errors import BodyError, InvalidBody
from app.predict.distribution import FigurePrediction, compute_figures
from app.predict.request import PredictRequest
from app.tables import MAX_ERRORS, Path, describe_place, make_pointer
from model.arrays import FloatArray
from model.predictors import Classification, Classifier, Prediction, Regressor
from model.table import Signature

Outcome = FigurePrediction | Classification


def predict(request: PredictRequest, predictor: Regressor) -> FigurePrediction:
    """Predict targets. Raises `InvalidBody` for rows without a finite prediction."""

    def compute(features: FloatArray, _: slice) -> tuple[NDArray[Any] | None, ...]:
        if not request.figures:
            found = predictor.predict(features, request.coverage)
            return found.mean, found.lower, found.upper, found.extrapolated
        said, extrapolated = predictor.distribution(features)
        interval = (None, None) if request.coverage is None else said.interval(request.coverage)
        return said.mean, *interval, extrapolated, *compute_figures(request.figures, said)

    with np.errstate(all="ignore"):
        mean, lower, upper, extrapolated, *figures = request.pieces.run(request.features, compute)
    assert mean is not None and extrapolated is not None  # noqa: S101, PT018 - a regressor always has them
    _check_finite(request, mean)
    numbers = tuple(column for column in figures if column is not None)
    outcome = FigurePrediction(mean, lower, upper, extrapolated, numbers)
    request.note(outcome)
    return outcome


def classify(request: PredictRequest, classifier: Classifier) -> Classification:
    """Predict the categories of the target. Raises `InvalidBody` for rows without finite probabilities."""

    def compute(features: FloatArray, _: slice) -> tuple[NDArray[Any] | None, ...]:
        found = classifier.predict(features)
        return found.probabilities, found.extrapolated

    with np.errstate(all="ignore"):
        probabilities, extrapolated = request.pieces.run(request.features, compute)
    assert probabilities is not None and extrapolated is not None  # noqa: S101, PT018 - a classifier always has them
    _check_finite(request, probabilities)
    outcome = Classification(probabilities, extrapolated)
    request.note(outcome)
    return outcome


def outside_bytes(extrapolated: NDArray[np.bool_], signature: Signature) -> int:
    """Return about how many bytes the names of features outside the range of the training data take in an answer."""
    lengths = np.array([len(column.name) + 3 for column in signature.features])
    return int(extrapolated.sum(axis=0) @ lengths)


def _check_finite(request: PredictRequest, predicted: FloatArray) -> None:
    """Raise `InvalidBody` if rows are so far from the training data that their prediction is not finite."""
    are_finite = np.isfinite(predicted)
    if not are_finite.all():
        wrong = np.flatnonzero(~are_finite.all(axis=1))[:MAX_ERRORS].tolist()
        paths: list[Path] = [() if request.is_single else ("rows", row) for row in wrong]
        words = "too far outside the training data for a finite prediction"
        raise InvalidBody([BodyError(describe_place(path) + words, make_pointer(path)) for path in paths])


def names_outside(extrapolated: NDArray[np.bool_], signature: Signature) -> list[list[str]]:
    """Return, for each row, the names of the features that are outside the range of the training data.

    `extrapolated` has a row for each row and a column for each feature.
    """
    if not extrapolated.any():
        return [[] for _ in extrapolated]
    names = [column.name for column in signature.features]
    rows = extrapolated.tolist()
    return [[name for name, is_outside in zip(names, row, strict=True) if is_outside] for row in rows]


def interval_bounds(prediction: Prediction) -> tuple[FloatArray, FloatArray]:
    """Return the lower and upper bounds of intervals (rows, targets); NaN where they are unknown."""
    if prediction.lower is None or prediction.upper is None:
        unknown = np.full_like(prediction.mean, np.nan)
        return unknown, unknown
    return prediction.lower, prediction.upper
