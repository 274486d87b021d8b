"""The bodies of requests and of answers, as pydantic models: what the API's documentation promises."""

from app.rest.bodies.answers import (
    ColumnAnswer,
    EvaluationAnswer,
    JobAnswer,
    JobsAnswer,
    ModelAnswer,
    ModelsAnswer,
    TrainAnswer,
    VersionAnswer,
    VersionsAnswer,
)
from app.rest.bodies.checks import CellError, CheckAnswer, CheckedColumnAnswer
from app.rest.bodies.fits import FitAnswer, UnseenAnswer
from app.rest.bodies.networks import ActivationsAnswer, LayerAnswer, NetworkAnswer
from app.rest.bodies.predictions import Prediction, Predictions
from app.rest.bodies.problem import (
    DIALECTS,
    MAX_DETAIL_CHARACTERS,
    MAX_PROBLEM_BYTES,
    PROBLEM,
    Problem,
    make_problem,
)
from app.rest.bodies.requests import ColumnRequest, DeclarationRequest, DefaultVersionRequest

__all__ = [
    "DIALECTS",
    "MAX_DETAIL_CHARACTERS",
    "MAX_PROBLEM_BYTES",
    "PROBLEM",
    "ActivationsAnswer",
    "CellError",
    "CheckAnswer",
    "CheckedColumnAnswer",
    "ColumnAnswer",
    "ColumnRequest",
    "DeclarationRequest",
    "DefaultVersionRequest",
    "EvaluationAnswer",
    "FitAnswer",
    "JobAnswer",
    "JobsAnswer",
    "LayerAnswer",
    "ModelAnswer",
    "ModelsAnswer",
    "NetworkAnswer",
    "Prediction",
    "Predictions",
    "Problem",
    "TrainAnswer",
    "UnseenAnswer",
    "VersionAnswer",
    "VersionsAnswer",
    "make_problem",
]
