"""One prediction: from a body to features, and from a prediction to the text of the response."""

from app.predict.answer import AnswerForm, make_answer
from app.predict.batcher import MicroBatcher
from app.predict.cost import check_rows, choose_body_size
from app.predict.log_filter import OncePerMinute
from app.predict.request import PredictRequest, read_labelled, read_predict_request
from app.predict.table_fit import FitRequest, make_table_fit

__all__ = [
    "AnswerForm",
    "FitRequest",
    "MicroBatcher",
    "OncePerMinute",
    "PredictRequest",
    "check_rows",
    "choose_body_size",
    "make_answer",
    "make_table_fit",
    "read_labelled",
    "read_predict_request",
]
