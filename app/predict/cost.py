"""What a prediction costs, reckoned before it is made: its operations, and the numbers of its answer."""

from dataclasses import replace

import numpy as np

from app.budget import (
    MAX_SMALL_BODY_BYTES,
    OPERATIONS_A_CELL,
    OPERATIONS_A_ROW,
    WorkSize,
    check_answer_cells,
    check_operations,
    choose_size,
)
from app.cancellation import stop_if_unwanted
from app.predict.request import Note, PredictRequest, ignore
from app.tables import PACKED, Body, Columns
from model.arrays import FloatArray
from model.predictors import Classifier, Pieces, Regressor

PIECE_OPERATIONS = 500_000_000
"""Between two looks whether the client is still there: about 50 milliseconds."""

MAX_COUNTED_BYTES = 4 * 1024 * 1024
"""Of a body whose rows are counted to find out how large it is: that takes a millisecond for a megabyte, at once."""


def choose_body_size(body: Body, predictor: Regressor | Classifier, *, is_packed: bool = False) -> WorkSize:
    """Return how large it is to answer a body, by what it costs at the most; before it is read.

    Few bytes say little: `{}` is a row, too, as wide as any other. `is_packed`: whether the answer is.
    """
    if len(body.data) > MAX_COUNTED_BYTES:
        return WorkSize.LARGE
    size = _choose_rows_size(body.max_rows, len(body.data), predictor)
    is_packed = is_packed or body.media_type in PACKED  # even a small one takes some time
    return WorkSize.MEDIUM if size is WorkSize.SMALL and is_packed else size


def choose_values_size(body_bytes: int, predictor: Regressor | Classifier) -> WorkSize:
    """Return the same of a body that holds for each row the values of all features that it may not leave out.

    Each takes a byte at the least.
    """
    if body_bytes > MAX_COUNTED_BYTES:
        return WorkSize.LARGE
    values = sum(not column.may_be_missing for column in predictor.signature.features)
    return _choose_rows_size(body_bytes // max(values, 1) + 1, body_bytes, predictor)


def choose_any_size(body: Body, predictor: Regressor | Classifier) -> WorkSize:
    """Return the same of a body that may be either: whichever is larger."""
    sizes = choose_body_size(body, predictor), choose_values_size(len(body.data), predictor)
    return max(sizes, key=list(WorkSize).index)


def _choose_rows_size(rows: int, body_bytes: int, predictor: Regressor | Classifier) -> WorkSize:
    """Return how large it is to answer so many rows at the most, which came in so many bytes."""
    a_row = _operations_to_read(predictor.signature.columns) + predictor.operations_a_row * predictor.draws_a_gap
    size = choose_size(rows * a_row)
    is_short = body_bytes <= MAX_SMALL_BODY_BYTES and predictor.is_quick
    return WorkSize.MEDIUM if size is WorkSize.SMALL and not is_short else size


def check_rows(features: FloatArray, predictor: Regressor | Classifier, columns: Columns) -> Pieces:
    """Return in what pieces features (rows, features) are answered. Raises `BodyTooLarge` for too many operations."""
    rows, a_row = len(features), predictor.operations_a_row
    answered = float(rows)
    if predictor.draws_a_gap > 1:
        answered += (predictor.draws_a_gap - 1.0) * int(np.isnan(features).any(axis=1).sum())
    operations = rows * _operations_to_read(columns) + answered * (OPERATIONS_A_ROW + a_row)
    check_operations(rows, operations)
    return Pieces(max(1, int(PIECE_OPERATIONS * rows / operations)) if rows else 1, stop_if_unwanted)


def check_costs(request: PredictRequest, predictor: Regressor | Classifier, note: Note = ignore) -> PredictRequest:
    """Return a request with the pieces in which it is answered, and whom to tell of that.

    Raises `BodyTooLarge` for one that would cost too much.
    """
    check_answer(request, predictor)
    pieces = check_rows(request.features, predictor, predictor.signature.features)
    return replace(request, pieces=pieces, note=note)


def check_answer(request: PredictRequest, predictor: Regressor | Classifier) -> None:
    """Raise `BodyTooLarge` for a request whose answer would hold too many numbers."""
    check_answer_cells(len(request.features), count_numbers(request, predictor))


def count_numbers(request: PredictRequest, predictor: Regressor | Classifier) -> int:
    """Return how many numbers the answer to a row holds."""
    targets = predictor.signature.targets
    if isinstance(predictor, Classifier):
        return len(targets[0].categories)
    figures = sum(len(figure.ends) for figure in request.figures)
    return len(targets) * ((1 if request.coverage is None else 3) + figures)


def _operations_to_read(columns: Columns) -> int:
    return OPERATIONS_A_ROW + OPERATIONS_A_CELL * sum(len(column.categories) or 1 for column in columns)
