"""One prediction: from a body to features, and from a prediction to the text of the response."""

from app.predict.answer import TABLE_WRITERS, AnswerForm, make_answer
from app.predict.batcher import MicroBatcher
from app.predict.cost import check_costs, check_rows, choose_any_size, choose_body_size, choose_values_size
from app.predict.distribution import DistributionMembers, asks_for_figures
from app.predict.log_filter import OncePerMinute
from app.predict.prediction import classify, interval_bounds, predict
from app.predict.request import PredictRequest, ask, read_labelled, read_predict_request
from app.predict.table_fit import FitRequest, make_table_fit

__all__ = [
    "TABLE_WRITERS",
    "AnswerForm",
    "DistributionMembers",
    "FitRequest",
    "MicroBatcher",
    "OncePerMinute",
    "PredictRequest",
    "ask",
    "asks_for_figures",
    "check_costs",
    "check_rows",
    "choose_any_size",
    "choose_body_size",
    "choose_values_size",
    "classify",
    "interval_bounds",
    "make_answer",
    "make_table_fit",
    "predict",
    "read_labelled",
    "read_predict_request",
]
