"""One prediction: from a body to features, and from a prediction to the text of the response."""

from app.predict.batcher import MicroBatcher
from app.predict.csv_response import to_csv
from app.predict.log_filter import OncePerMinute
from app.predict.request import read_labelled, read_predict_request
from app.predict.response import to_json

__all__ = ["MicroBatcher", "OncePerMinute", "read_labelled", "read_predict_request", "to_csv", "to_json"]
