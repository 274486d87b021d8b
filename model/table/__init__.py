"""A table: what its columns are, its rows, and how both become a network's inputs and targets."""

from model.table.categories import Expansion
from model.table.dataset import Dataset
from model.table.inputs import Encoding
from model.table.scaler import ROUNDING, SCALINGS, Scaler, standardising
from model.table.signature import Column, Signature
from model.table.targets import Targets, transformed
from model.table.transforms import TRANSFORMS, Transform

__all__ = [
    "ROUNDING",
    "SCALINGS",
    "TRANSFORMS",
    "Column",
    "Dataset",
    "Encoding",
    "Expansion",
    "Scaler",
    "Signature",
    "Targets",
    "Transform",
    "standardising",
    "transformed",
]
