"""What is counted: each metric with its kind, its labels and its help; and how many series there may be."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

MAX_MODELS = 50
"""The most models that have series of their own."""

MAX_FEATURES = 1000
"""The most pairs of a model and a feature that have a series of their own."""

OTHER = "other"
"""The label of all that have no series of their own."""


@dataclass(frozen=True)
class Family:
    """A metric, with all its series."""

    kind: Literal["counter", "gauge", "histogram"]
    help: str
    labels: tuple[str, ...] = ()
    bounds: tuple[float, ...] = ()
    """The upper bounds of a histogram's buckets, without infinity."""


PREDICTIONS = "scorecast_predictions_total"
MODEL_PREDICTIONS = "scorecast_model_predictions_total"
EXTRAPOLATED = "scorecast_extrapolated_predictions_total"
DURATION = "scorecast_prediction_duration_seconds"
WIDTH = "scorecast_interval_width"
ERRORS = "scorecast_request_errors_total"
FAILURES = "scorecast_training_failures_total"
TRAINING_DURATION = "scorecast_training_duration_seconds"
JOBS = "scorecast_training_jobs"
VERSION = "scorecast_model_version"
READY = "scorecast_ready"
STORE = "scorecast_store_available"
BUILD = "scorecast_build_info"

MICROSECONDS_TO_A_SECOND = (50e-6, 1e-4, 2.5e-4, 5e-4, 1e-3, 2.5e-3, 5e-3, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
"""Bounds for what takes from 50 microseconds to a second."""

COUNTED: Mapping[str, Family] = {
    PREDICTIONS: Family("counter", "Rows that were predicted."),
    MODEL_PREDICTIONS: Family("counter", "Rows that were predicted, by model.", ("model_name",)),
    EXTRAPOLATED: Family(
        "counter",
        "Rows that were predicted with a feature outside the range of the training data.",
        ("model_name", "feature"),
    ),
    DURATION: Family(
        "histogram",
        "Time from when a prediction's body has been read until its answer is ready to be sent, for each request.",
        bounds=MICROSECONDS_TO_A_SECOND,
    ),
    WIDTH: Family(
        "histogram",
        "Widths of the prediction intervals that were answered, in standard deviations of the training table's target.",
        bounds=(0.05, 0.1, 0.25, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 10.0, 20.0),
    ),
    ERRORS: Family(
        "counter", "Requests that were answered with a problem document, by the name of the error.", ("problem",)
    ),
    FAILURES: Family("counter", "Trainings of this server that failed, by the name of the error.", ("problem",)),
    TRAINING_DURATION: Family(
        "histogram",
        "How long the trainings of this server took, of those that made a version.",
        bounds=(0.01, 0.1, 0.5, 1.0, 5.0, 10.0, 60.0, 300.0, 1800.0, 3600.0),
    ),
}
"""What is counted as it happens, by all processes of a server."""

OBSERVED: Mapping[str, Family] = {
    JOBS: Family("gauge", "Trainings that the store knows of, by status.", ("status",)),
    VERSION: Family("gauge", "The version that answers for a model by default.", ("model_name",)),
    READY: Family("gauge", "1 if the service is ready to be sent requests."),
    STORE: Family("gauge", "1 if the store is there, and is the one that the server started with."),
    BUILD: Family(
        "gauge", "Always 1; the labels name the release and the version of Python.", ("version", "python_version")
    ),
}
"""What is found out when the metrics are read."""

UNEXPECTED = "InternalServerError"
"""The problem that stands for all that nobody has expected."""

TRAINING_PROBLEMS = (
    "CannotExtend", "InvalidBody", "JobInterrupted", "OptionsError", "OtherColumns", "SignatureError", "StoreError", "StoreFull",
    "TrainingFailed", "UnknownModel", UNEXPECTED,
)  # fmt: skip
"""Of which trainings fail, by the names of their errors."""

INFINITY, SUM = "+Inf", "sum"


def find_parts(family: Family) -> tuple[str, ...]:
    """Return what tells a histogram's numbers apart: its buckets by their upper bounds, then the sum."""
    return (*map(repr, family.bounds), INFINITY, SUM)
