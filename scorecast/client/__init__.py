"""A client for a Scorecast service; it needs httpx (`pip install 'scorecast[client]'`)."""

from scorecast.client.client import Client
from scorecast.client.errors import NoService, Refused, ScorecastError, TrainingStopped, Unreachable
from scorecast.client.prediction import Prediction
from scorecast.client.results import Evaluation, Model, Progress, Training, Upload, Version
from scorecast.client.tables import Table

__all__ = [
    "Client",
    "Evaluation",
    "Model",
    "NoService",
    "Prediction",
    "Progress",
    "Refused",
    "ScorecastError",
    "Table",
    "Training",
    "TrainingStopped",
    "Unreachable",
    "Upload",
    "Version",
]
