"""Candidates: what stands beside the networks. Each file is an algorithm: a fitted value, and a function that fits it."""

from model.candidates.class_trees import ClassTrees, class_tree_options, class_trees_cost, fit_class_trees
from model.candidates.contract import Fit, Fitted, nbytes
from model.candidates.kernel_machine import (
    MAX_ROWS,
    KernelMachine,
    KernelOptions,
    fit_kernel_machine,
    kernel_machine_cost,
)
from model.candidates.oblivious_trees import ObliviousTrees, fit_oblivious_trees, oblivious_trees_cost, tree_options
from model.candidates.ridge import Ridge, fit_ridge, ridge_cost
from model.candidates.tree_growth import TreeOptions

__all__ = [
    "MAX_ROWS",
    "ClassTrees",
    "Fit",
    "Fitted",
    "KernelMachine",
    "KernelOptions",
    "ObliviousTrees",
    "Ridge",
    "TreeOptions",
    "class_tree_options",
    "class_trees_cost",
    "fit_class_trees",
    "fit_kernel_machine",
    "fit_oblivious_trees",
    "fit_ridge",
    "kernel_machine_cost",
    "nbytes",
    "oblivious_trees_cost",
    "ridge_cost",
    "tree_options",
]
