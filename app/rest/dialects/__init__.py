"""Other servers' ways of asking for predictions, one file each, over the one prediction that there is."""

from app.rest.dialects.inference_answer import make_tensors, write_inference
from app.rest.dialects.instances import read_instances, write_predictions
from app.rest.dialects.invocations import choose_invoked, read_invocation, write_values
from app.rest.dialects.metadata import describe_model, list_versions
from app.rest.dialects.open_inference import InferRequest, read_inference
from app.rest.dialects.statistics import InferenceCounts, Stopwatch

__all__ = [
    "InferRequest",
    "InferenceCounts",
    "Stopwatch",
    "choose_invoked",
    "describe_model",
    "list_versions",
    "make_tensors",
    "read_inference",
    "read_instances",
    "read_invocation",
    "write_inference",
    "write_predictions",
    "write_values",
]
