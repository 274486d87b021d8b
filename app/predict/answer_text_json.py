"""The text of an answer as JSON: its members, and of a long one the text in pieces."""

from collections.abc import Iterator, Mapping
from math import isfinite
from typing import Any

from app.budget import check_answer_bytes
from app.predict.distribution import FigurePrediction, to_figure_members
from app.predict.prediction import Outcome, classify, interval_bounds, names_outside, outside_bytes, predict
from app.predict.request import PredictRequest
from app.tables import JsonList, to_rows, write_json, write_json_pieces
from model.arrays import FloatArray
from model.checkpoint import Checkpoint
from model.fitting import MIN_ROWS_FOR_INTERVALS
from model.predictors import Classification, Classifier, Regressor
from model.table import Signature

UNKNOWN_VARIANCE = (
    "the spread of {name} cannot be estimated: it was trained on a single row, or on rows that all have the same value"
)
FEW_ROWS_WARNING = f"trained on {{rows}} rows: with fewer than {MIN_ROWS_FOR_INTERVALS}, prediction intervals are not to be trusted yet"

ALL = slice(None)

CELLS_PER_PIECE = 10_000
"""How many numbers become text at a time; between two pieces other threads may run."""

BYTES_A_NUMBER = 20
"""Of a number as text, about, with what is round it."""

Members = Mapping[str, Any]
"""Of an answer. A member with an item for each row is a `JsonList`."""


def to_json_pieces(request: PredictRequest, checkpoint: Checkpoint[Any], head: Mapping[str, Any]) -> Iterator[bytes]:
    """Return the pieces of a JSON response, whose first members are given.

    The prediction is made at once, so that what is wrong is known before the first piece; each piece is written when it
    is asked for. Raises `InvalidBody`, `BodyTooLarge`.
    """
    members = _make_members(request, checkpoint)
    if request.is_single:
        return iter([write_json({**head, **_select_row(_evaluate(members, slice(1)), 0)})])
    return write_json_pieces({**head, **members})


def to_json_rows(request: PredictRequest, checkpoint: Checkpoint[Any]) -> Iterator[dict[str, Any]]:
    """Yield for each row the members that a request with this row alone would get."""
    body = _evaluate(_make_members(request, checkpoint), ALL)
    return (_select_row(body, row) for row in range(len(request.features)))


def _evaluate(members: Members, rows: slice) -> dict[str, Any]:
    return {name: value.make(rows) if isinstance(value, JsonList) else value for name, value in members.items()}


def _select_row(body: dict[str, Any], row: int) -> dict[str, Any]:
    return {_SINGLE.get(name, name): value[row] if name in _SINGLE else value for name, value in body.items()}


_SINGLE = {
    "predictions": "prediction",
    "probabilities": "probabilities",
    "intervals": "interval",
    "quantiles": "quantiles",
    "standard_deviations": "standard_deviation",
    "above": "above",
    "between": "between",
    "extrapolated": "extrapolated",
}
"""Members with an item for each row, and what they are called in the response to a single row."""
_OF_MANY = {one: many for many, one in _SINGLE.items()}


def _make_members(request: PredictRequest, checkpoint: Checkpoint[Any]) -> Members:
    predictor, rows = checkpoint.predictor, len(request.features)
    is_classifier = isinstance(predictor, Classifier)
    outcome: Outcome = classify(request, predictor) if is_classifier else predict(request, predictor)
    columns = predictor.signature.targets
    names = columns[0].categories if is_classifier else [column.name for column in columns]
    columns_a_target = 1 if is_classifier else 4 + sum(2 * len(figure.ends) for figure in request.figures)
    bytes_a_row = sum(BYTES_A_NUMBER + len(name) for name in names) * columns_a_target
    check_answer_bytes(rows, rows * bytes_a_row + outside_bytes(outcome.extrapolated, predictor.signature))
    piece = max(1, CELLS_PER_PIECE // (len(names) * max(1, columns_a_target // 4) + 1))
    if isinstance(outcome, Classification):
        body = _classification_members(outcome, predictor.signature)
    else:
        body = _prediction_members(request, outcome, checkpoint)
    if request.read:
        body["read"] = list(request.read)
    return {name: JsonList(rows, piece, value) if name in _SINGLE else value for name, value in body.items()}


def _prediction_members(
    request: PredictRequest, prediction: FigurePrediction, checkpoint: Checkpoint[Regressor]
) -> dict[str, Any]:
    signature = checkpoint.predictor.signature
    bounds = interval_bounds(prediction)
    body: dict[str, Any] = {"predictions": lambda rows: to_rows(prediction.mean[rows], signature.targets)}
    if request.coverage is not None:
        body["intervals"] = lambda rows: list(_intervals(bounds[0][rows], bounds[1][rows], signature))
        body["coverage"] = request.coverage
    for name, make in to_figure_members(request.figures, prediction, signature).items():
        body[_OF_MANY[name]] = make
    if request.coverages:
        body["coverage"] = list(request.coverages)
    body["extrapolated"] = lambda rows: names_outside(prediction.extrapolated[rows], signature)
    is_spread_told = request.coverage is not None or bool(request.figures)
    body["warnings"] = list(find_warnings(checkpoint)) if is_spread_told else []
    return body


def _classification_members(classification: Classification, signature: Signature) -> dict[str, Any]:
    target = signature.targets[0]

    def labels(rows: slice) -> list[dict[str, str]]:
        codes = classification.most_probable[rows].tolist()
        return [{target.name: target.categories[code]} for code in codes]

    def probabilities(rows: slice) -> list[dict[str, dict[str, float]]]:
        numbers = classification.probabilities[rows].tolist()
        return [{target.name: dict(zip(target.categories, row, strict=True))} for row in numbers]

    return {
        "predictions": labels,
        "probabilities": probabilities,
        "extrapolated": lambda rows: names_outside(classification.extrapolated[rows], signature),
        "warnings": [],
    }


def _intervals(lower: FloatArray, upper: FloatArray, signature: Signature) -> Iterator[dict[str, Any]]:
    names = [column.name for column in signature.targets]
    for least_of_row, most_of_row in zip(lower.tolist(), upper.tolist(), strict=True):
        yield {
            name: {"lower": least, "upper": most} if isfinite(least) and isfinite(most) else None
            for name, least, most in zip(names, least_of_row, most_of_row, strict=True)
        }


def find_warnings(checkpoint: Checkpoint[Regressor]) -> Iterator[str]:
    """Yield what the caller should know about a version's intervals before relying on them."""
    predictor, rows = checkpoint.predictor, checkpoint.report.rows
    for column, is_known in zip(predictor.signature.targets, predictor.has_spread.tolist(), strict=True):
        if not is_known:
            yield UNKNOWN_VARIANCE.format(name=column.name)
    if 1 < rows < MIN_ROWS_FOR_INTERVALS:
        yield FEW_ROWS_WARNING.format(rows=rows)
