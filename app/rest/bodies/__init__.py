"""The bodies of requests and of answers, as pydantic models: what the API's documentation promises."""

from app.rest.bodies.answers import (
    ColumnAnswer,
    EvaluationAnswer,
    JobAnswer,
    JobsAnswer,
    ModelAnswer,
    ModelsAnswer,
    Prediction,
    Predictions,
    TrainAnswer,
    VersionAnswer,
    VersionsAnswer,
)
from app.rest.bodies.problem import Problem
from app.rest.bodies.requests import DeclarationRequest, DefaultVersionRequest

__all__ = [
    "ColumnAnswer",
    "DeclarationRequest",
    "DefaultVersionRequest",
    "EvaluationAnswer",
    "JobAnswer",
    "JobsAnswer",
    "ModelAnswer",
    "ModelsAnswer",
    "Prediction",
    "Predictions",
    "Problem",
    "TrainAnswer",
    "VersionAnswer",
    "VersionsAnswer",
]
