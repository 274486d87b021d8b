"""Checkpoints: a trained predictor with the report of its training, as bytes and back; and the file format they are in."""

from model.checkpoint.checkpoint import FORMAT, Checkpoint
from model.checkpoint.file import DAMAGE, read_arrays, read_header, write_file
from model.checkpoint.unseen import UnseenAnswers, space_evenly
from model.report import Report

__all__ = [
    "DAMAGE",
    "FORMAT",
    "Checkpoint",
    "Report",
    "UnseenAnswers",
    "read_arrays",
    "read_header",
    "space_evenly",
    "write_file",
]
