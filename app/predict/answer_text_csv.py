"""An answer as a table: the columns that were sent, as they came, then those of the prediction; and its text as CSV."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from app.budget import check_answer_bytes
from app.predict.prediction import classify, interval_bounds, names_outside, outside_bytes, predict
from app.predict.request import PredictRequest
from app.tables import (
    format_cells,
    is_bare_text,
    iterate_numbers,
    iterate_values,
    write_bare_csv_pieces,
    write_csv_pieces,
)
from model.arrays import FloatArray
from model.checkpoint import Checkpoint
from model.predictors import Classifier, Regressor
from model.table import Signature

ROWS_PER_PIECE = 1000
"""For how many rows the names of features are found at a time."""

OwnColumns = dict[str, FloatArray | Iterator[str]]
"""Those of the prediction: numbers (rows,), or texts that are made as they are asked for, once."""

AnswerColumns = Mapping[str, Iterable[str]]
"""The columns of an answer; the cells are made as they are asked for, once."""


def to_csv_pieces(request: PredictRequest, checkpoint: Checkpoint[Any]) -> Iterator[bytes]:
    """Return the pieces of a CSV response: what was sent, then the prediction, then `extrapolated`.

    The prediction is made at once; each piece is written when it is asked for.
    """
    columns = to_columns(request, checkpoint)
    write = write_bare_csv_pieces if _is_bare(request, checkpoint.predictor.signature) else write_csv_pieces
    return (piece.encode() for piece in write(list(columns), zip(*columns.values(), strict=True)))


def to_columns(request: PredictRequest, checkpoint: Checkpoint[Any]) -> AnswerColumns:
    """Return the columns of an answer: those that were sent, in their order, then those of the prediction.

    A column of ours gets another name where what was sent has one of that name.
    """
    sent = _sent_columns(request, checkpoint.predictor.signature)
    ours = to_own_columns(request, checkpoint.predictor, sent)
    return sent | {
        name: iterate_numbers(cells) if isinstance(cells, np.ndarray) else cells for name, cells in ours.items()
    }


def to_own_columns(request: PredictRequest, predictor: Regressor | Classifier, sent: Iterable[str]) -> OwnColumns:
    """Return the columns of the prediction, under names that none of those has that were sent: numbers (rows,), or texts."""
    names = _Names(sent)
    if isinstance(predictor, Classifier):
        return _class_columns(request, predictor, names)
    return _prediction_columns(request, predictor, names)


class _Names:
    """The names of an answer's columns, none of them twice."""

    def __init__(self, taken: Iterable[str]) -> None:
        self._taken = set(taken)

    def choose(self, name: str) -> str:
        """Return a name for one of our columns: this one, with `_predicted` behind it if it is taken."""
        while name in self._taken:
            name += "_predicted"
        self._taken.add(name)
        return name


def _is_bare(request: PredictRequest, signature: Signature) -> bool:
    """Whether no cell of a CSV response needs quotes."""
    names = (column.name for column in signature.features)  # which is what `extrapolated` holds
    if request.table and request.table.is_typed:
        sent_is_bare = all(
            is_bare_text(cell) for cells in request.table.columns.values() for cell in iterate_values(cells)
        )
    else:
        sent_is_bare = request.table is not None and request.table.is_bare
    return sent_is_bare and not signature.is_classification and all(map(is_bare_text, names))


def _sent_columns(request: PredictRequest, signature: Signature) -> dict[str, Iterable[str]]:
    """Return what was sent, as text; without a table, the features."""
    table = request.table
    if table is None:
        by_column = zip(signature.features, request.features.T, strict=True)
        return {column.name: format_cells(values, column) for column, values in by_column}
    return {name: iterate_values(cells) if table.is_typed else iter(cells) for name, cells in table.columns.items()}


def _prediction_columns(request: PredictRequest, predictor: Regressor, names: _Names) -> OwnColumns:
    prediction = predict(request, predictor)
    columns: OwnColumns = {}
    lower, upper = interval_bounds(prediction)
    targets = predictor.signature.targets
    predicted = [names.choose(column.name) for column in targets]  # before the bounds: one may be called like a target
    for index, column in enumerate(targets):
        columns[predicted[index]] = prediction.mean[:, index]
        if request.coverage is not None:
            columns[names.choose(f"{column.name}_lower")] = lower[:, index]
            columns[names.choose(f"{column.name}_upper")] = upper[:, index]
        numbers = zip((end for figure in request.figures for end in figure.ends), prediction.figures, strict=True)
        for end, values in numbers:
            columns[names.choose(column.name + end)] = values[:, index]
    columns[names.choose("extrapolated")] = _cells_outside(prediction.extrapolated, predictor.signature)
    return columns


def _class_columns(request: PredictRequest, classifier: Classifier, names: _Names) -> OwnColumns:
    classification, target = classify(request, classifier), classifier.signature.targets[0]
    codes = classification.most_probable.tolist()
    columns: OwnColumns = {names.choose(target.name): (target.categories[code] for code in codes)}
    for code, category in enumerate(target.categories):
        columns[names.choose(f"{target.name}_{category}")] = classification.probabilities[:, code]
    columns[names.choose("extrapolated")] = _cells_outside(classification.extrapolated, classifier.signature)
    return columns


def _cells_outside(extrapolated: NDArray[np.bool_], signature: Signature) -> Iterator[str]:
    """Return the cells that name the features outside the range. Raises `BodyTooLarge`, before the first is made."""
    check_answer_bytes(len(extrapolated), outside_bytes(extrapolated, signature))
    pieces = (extrapolated[start : start + ROWS_PER_PIECE] for start in range(0, len(extrapolated), ROWS_PER_PIECE))
    return (" ".join(names) for piece in pieces for names in names_outside(piece, signature))
