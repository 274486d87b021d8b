"""A table: what its columns are, its rows, and how both become a network's inputs and targets."""

from model.table.categories import MISSING_MARK, CategoryEncoding
from model.table.dataset import Dataset
from model.table.draws import Draws
from model.table.effects import LevelEffects
from model.table.imputation import Imputation
from model.table.inputs import NetworkInputs
from model.table.scaler import ROUNDING, SCALINGS, Scaler, standardise
from model.table.signature import UNSEEN, Column, Signature
from model.table.targets import Targets, transform_targets
from model.table.transforms import TRANSFORMS, Transform

__all__ = [
    "MISSING_MARK",
    "ROUNDING",
    "SCALINGS",
    "TRANSFORMS",
    "UNSEEN",
    "CategoryEncoding",
    "Column",
    "Dataset",
    "Draws",
    "Imputation",
    "LevelEffects",
    "NetworkInputs",
    "Scaler",
    "Signature",
    "Targets",
    "Transform",
    "standardise",
    "transform_targets",
]
