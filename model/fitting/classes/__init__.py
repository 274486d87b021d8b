"""Classes: candidates are judged by rows that they have not seen, mixed by their probabilities, and calibrated there."""

from model.fitting.classes.class_report import ClassOutcome, report_classes
from model.fitting.classes.conduct import MAX_EPOCHS, choose_class_candidates, fit_class_mixture
from model.fitting.classes.contract import ClassTask
from model.fitting.classes.networks import NetworkCandidate, NetworkKind

__all__ = [
    "MAX_EPOCHS",
    "ClassOutcome",
    "ClassTask",
    "NetworkCandidate",
    "NetworkKind",
    "choose_class_candidates",
    "fit_class_mixture",
    "report_classes",
]
