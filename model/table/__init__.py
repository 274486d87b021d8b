"""A table: what its columns are, its rows, and how both become a network's inputs and targets."""

from model.table.categories import MAX_LEVELS, CategoryEncoding
from model.table.codes import MISSING_MARK
from model.table.dataset import Dataset
from model.table.dates import CIRCLES
from model.table.draws import Draws
from model.table.effects import LevelEffects
from model.table.imputation import DONORS, MAX_IMPUTED_COLUMNS, Imputation
from model.table.inputs import NetworkInputs
from model.table.scaler import ROUNDING, SCALINGS, Scaler, standardise
from model.table.signature import INSTEAD_OF_DATES, MAX_CATEGORIES, UNSEEN, Column, Signature
from model.table.targets import NORMAL, Targets, transform_targets
from model.table.transforms import LOGIT_MARGIN, MAX_EXPONENT, TRANSFORMS, Transform

__all__ = [
    "CIRCLES",
    "DONORS",
    "INSTEAD_OF_DATES",
    "LOGIT_MARGIN",
    "MAX_CATEGORIES",
    "MAX_EXPONENT",
    "MAX_IMPUTED_COLUMNS",
    "MAX_LEVELS",
    "MISSING_MARK",
    "NORMAL",
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
