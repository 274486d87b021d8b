"""Checkpoints: a trained predictor with the report of its training, as bytes and back; and the file format they are in."""

from model.checkpoint.checkpoint import DAMAGE, FORMAT, Checkpoint, read_arrays, read_header, write_file
from model.report import Report

__all__ = ["DAMAGE", "FORMAT", "Checkpoint", "Report", "read_arrays", "read_header", "write_file"]
