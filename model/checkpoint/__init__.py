"""Checkpoints: a trained predictor with the report of its training, as bytes and back."""

from model.checkpoint.checkpoint import FORMAT, Checkpoint
from model.report import Report

__all__ = ["FORMAT", "Checkpoint", "Report"]
