"""Candidates in a graph that know one target at a time: trees, a kernel machine, a line."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from model.arrays import FloatArray
from model.candidates import KernelMachine, ObliviousTrees, Ridge
from model.onnx.columns import scale_inputs
from model.onnx.graph import Tensor
from model.onnx.trees import constant_rows, oblivious_trees
from model.predictors import CandidatePart


def candidate_part(columns: Tensor, part: CandidatePart) -> Tensor:
    """Return locations (rows, targets)."""
    inputs = columns if part.inputs is None else scale_inputs(columns, part.inputs)
    answers = [constant_rows(columns, np.zeros(1)) if each is None else answer(inputs, each) for each in part.fitted]
    return columns.graph.join(*answers)


def answer(inputs: Tensor, fitted: Any) -> Tensor:
    """Return what a fitted candidate answers [rows, 1] to rows of inputs."""
    return _ANSWERS[type(fitted)](inputs, fitted)


def _kernel_machine(inputs: Tensor, machine: KernelMachine) -> Tensor:
    """Return the weighted sum of the similarities to support rows, by squared distances as products of matrices."""
    rows = (inputs - machine.center) * machine.metric
    own, theirs = rows.reduce("SumSquare", 1, keepdims=True), np.asarray((machine.support**2).sum(axis=1))
    squares = rows @ np.ascontiguousarray(-2.0 * machine.support.T) + theirs + own
    kernel = (-squares.apply("Max", 0.0).apply("Sqrt")).apply("Exp")
    weights: FloatArray = machine.weights[:, None]
    return kernel @ weights * machine.unit + machine.offset


def _ridge(inputs: Tensor, ridge: Ridge) -> Tensor:
    slopes: FloatArray = ridge.slopes[:, None]
    return ((inputs - ridge.center) / ridge.scale) @ slopes * ridge.unit + ridge.intercept


_ANSWERS: Mapping[type[Any], Callable[[Tensor, Any], Tensor]] = {
    KernelMachine: _kernel_machine,
    ObliviousTrees: oblivious_trees,
    Ridge: _ridge,
}
