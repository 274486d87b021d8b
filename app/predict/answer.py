"""The answer to a body: read, costed, predicted, and written in the form that is wanted."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from app.predict.answer_frame import FRAME_WRITERS
from app.predict.answer_text_csv import to_csv_pieces
from app.predict.answer_text_json import to_json_pieces
from app.predict.answer_workbook import to_xlsx_pieces
from app.predict.cost import check_costs
from app.predict.request import Note, PredictRequest, read_predict_request
from app.tables import CSV, JSON, XLSX, Body
from model.checkpoint import Checkpoint

TABLE_WRITERS: Mapping[str, Callable[[PredictRequest, Checkpoint[Any]], Iterator[bytes]]] = {
    CSV: to_csv_pieces,
    XLSX: to_xlsx_pieces,
    **FRAME_WRITERS,
}
"""What writes an answer that is a table, by its media type; any other answer is JSON."""


@dataclass(frozen=True)
class AnswerForm:
    """How an answer is written."""

    media_type: str = JSON
    head: Mapping[str, Any] | None = None
    """The first members, if it is JSON."""


def make_answer(
    body: Body, query: Mapping[str, str], checkpoint: Checkpoint[Any], form: AnswerForm, note: Note
) -> Iterator[bytes]:
    """Return the pieces of an answer: it is predicted at once, and each piece is written when it is asked for.

    `note` is told what is answered.
    Raises `MalformedBody`, `InvalidBody`, and `BodyTooLarge` before anything is predicted that would cost too much.
    """
    predictor = checkpoint.predictor
    request = check_costs(read_predict_request(body, predictor.signature, query), predictor, note)
    if form.media_type in TABLE_WRITERS:
        return TABLE_WRITERS[form.media_type](request, checkpoint)
    return to_json_pieces(request, checkpoint, form.head or {})
