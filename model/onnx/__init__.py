"""ONNX: a predictor as a graph of standard operators, which other programs run."""

from model.onnx.file import DEFAULT_COVERAGE, OnnxOptions, to_onnx

__all__ = ["DEFAULT_COVERAGE", "OnnxOptions", "to_onnx"]
