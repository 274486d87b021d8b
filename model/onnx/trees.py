"""Trees in a graph: oblivious ones as the standard's tree ensemble, in which every path has nodes of its own."""

import numpy as np
from numpy.typing import NDArray
from onnx import numpy_helper

from model.arrays import FloatArray, IntArray
from model.candidates import ClassTrees, ObliviousTrees
from model.onnx.graph import ML, Tensor

AT_LEAST, SUM, NO_TRANSFORM = 2, 1, 0
"""Numbers of the standard: a node's mode BRANCH_GTE, the sum over trees, and nothing done to it."""


def oblivious_trees(inputs: Tensor, trees: ObliviousTrees) -> Tensor:
    """Return the answers [rows, 1] to rows of inputs."""
    if not len(trees.columns):
        return constant_rows(inputs, trees.offset)
    leaves = trees.values.ravel() * trees.scale
    sums = _ensemble(inputs, (trees.columns, trees.thresholds), np.zeros(len(leaves), np.int64), leaves)
    return sums + trees.offset


def class_trees(inputs: Tensor, trees: ClassTrees) -> Tensor:
    """Return logits (rows, classes)."""
    if not len(trees.columns):
        outputs = constant_rows(inputs, trees.start)
    else:
        outputs = _single_output(inputs, trees) if len(trees.start) == 1 else _several_outputs(inputs, trees)
        outputs = outputs + trees.start
    return outputs.graph.op("Pad", outputs, np.array([0, 1, 0, 0])) if len(trees.start) == 1 else outputs


def constant_rows(columns: Tensor, values: FloatArray) -> Tensor:
    """Return the same values (rows, values) for each row of some columns."""
    rows = columns.apply("Shape", start=0, end=1)
    return columns.graph.op("Expand", values[None], columns.graph.join(rows, np.array([len(values)]), axis=0))


def _single_output(inputs: Tensor, trees: ClassTrees) -> Tensor:
    leaves = trees.values.ravel().astype(np.float64)
    return _ensemble(inputs, (trees.columns, trees.thresholds), np.zeros(len(leaves), np.int64), leaves)


def _several_outputs(inputs: Tensor, trees: ClassTrees) -> Tensor:
    """Have the ensemble say which leaf of each tree a row falls into: a leaf of the standard has one output only."""
    outputs, count, size = trees.values.shape
    numbers, tree = np.arange(count * size), np.repeat(np.arange(count), size)
    places = _ensemble(inputs, (trees.columns, trees.thresholds), tree, numbers.astype(np.float64)).cast(np.int64)
    table = inputs.graph.tensor(np.ascontiguousarray(trees.values.reshape(outputs, -1).T)).cast(np.float64)
    return table.take(places, axis=0).reduce("Sum", 1)


def _ensemble(
    inputs: Tensor, cuts: tuple[NDArray[np.int32], FloatArray], targets: IntArray, leaves: FloatArray
) -> Tensor:
    """Return the sums (rows, targets) of the leaves that rows fall into.

    The cuts are columns and thresholds (trees, depth); each leaf (trees * leaves,) has a target and a value.
    """
    (columns, thresholds), (count, depth) = cuts, cuts[0].shape
    levels = np.concatenate(
        [np.full(1 << level, level) for level in range(depth)]
    )  # of a tree's nodes, from its root on
    to_leaf = np.tile(levels == depth - 1, count).astype(np.int64).tolist()
    below, modes = _find_lower_children(count, levels), np.full(count * len(levels), AT_LEAST, np.uint8)
    return inputs.apply(
        "TreeEnsemble",
        domain=ML,
        n_targets=int(targets[-1]) + 1,
        aggregate_function=SUM,
        post_transform=NO_TRANSFORM,
        tree_roots=(np.arange(count) * len(levels)).tolist(),
        nodes_featureids=columns[:, levels].ravel().tolist(),
        nodes_modes=numpy_helper.from_array(modes, "modes"),
        nodes_splits=numpy_helper.from_array(thresholds[:, levels].ravel(), "splits"),
        nodes_truenodeids=(below + 1).tolist(),
        nodes_trueleafs=to_leaf,
        nodes_falsenodeids=below.tolist(),
        nodes_falseleafs=to_leaf,
        leaf_targetids=targets.tolist(),
        leaf_weights=numpy_helper.from_array(leaves, "leaves"),
    )


def _find_lower_children(count: int, levels: IntArray) -> IntArray:
    """Return the number of each node's child to the left: of a leaf where the node is on its tree's last level."""
    place = np.arange(len(levels)) - (1 << levels) + 1  # of a node in its level
    is_last = levels == levels[-1]
    below = np.where(is_last, 2 * place, (1 << (levels + 1)) - 1 + 2 * place)
    starts = np.arange(count)[:, None] * np.where(is_last, 1 << (levels[-1] + 1), len(levels))
    return np.asarray((starts + below).ravel())
