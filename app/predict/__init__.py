"""One prediction: from a body to features, and from what the model answers to text."""

from app.predict.batcher import Desk
from app.predict.request import read_labelled, read_question
from app.predict.response import answer, answer_csv

__all__ = [
    "Desk",
    "answer",
    "answer_csv",
    "read_labelled",
    "read_question",
]
