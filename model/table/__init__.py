"""A table: what its columns are, its rows, and how both become a network's inputs and targets."""

from model.table.categories import CategoryEncoding
from model.table.dataset import Dataset
from model.table.inputs import NetworkInputs
from model.table.scaler import ROUNDING, SCALINGS, Scaler, standardise
from model.table.signature import Column, Signature
from model.table.targets import Targets, transform_targets
from model.table.transforms import TRANSFORMS, Transform

__all__ = [
    "ROUNDING",
    "SCALINGS",
    "TRANSFORMS",
    "CategoryEncoding",
    "Column",
    "Dataset",
    "NetworkInputs",
    "Scaler",
    "Signature",
    "Targets",
    "Transform",
    "standardise",
    "transform_targets",
]
