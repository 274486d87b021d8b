"""Metrics: what the service counts for whoever operates it, as Prometheus reads it."""

from app.metrics.answers import AnswerMetrics, OneAnswer, Outcome
from app.metrics.exposition import OPENMETRICS, Condition, expose
from app.metrics.families import MAX_MODELS
from app.metrics.metrics import Metrics

__all__ = [
    "MAX_MODELS",
    "OPENMETRICS",
    "AnswerMetrics",
    "Condition",
    "Metrics",
    "OneAnswer",
    "Outcome",
    "expose",
]
