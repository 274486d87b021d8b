"""A client for a Scorecast service; it needs httpx (`pip install 'scorecast[client]'`)."""

from scorecast.client.client import Client
from scorecast.client.errors import Refused, ScorecastError, TrainingStopped, Unreachable
from scorecast.client.results import Model, Prediction, Progress, Training, Version
from scorecast.client.tables import Table

__all__ = [
    "Client",
    "Model",
    "Prediction",
    "Progress",
    "Refused",
    "ScorecastError",
    "Table",
    "Training",
    "TrainingStopped",
    "Unreachable",
    "Version",
]
