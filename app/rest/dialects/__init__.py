"""Other servers' ways of asking for predictions, one file each, over the one prediction that there is."""

from app.rest.dialects.instances import read_instances, write_predictions
from app.rest.dialects.metadata import describe_model
from app.rest.dialects.open_inference import InferRequest, answer_inference, read_inference

__all__ = [
    "InferRequest",
    "answer_inference",
    "describe_model",
    "read_inference",
    "read_instances",
    "write_predictions",
]
