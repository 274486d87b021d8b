"""The registry: models by name, their versions by number."""

from app.registry.built_in import BUILT_IN, EXAM_SCORE
from app.registry.checkpoint_cache import DamagedCheckpoint
from app.registry.declaration import NAME, Declaration
from app.registry.log import ChangedMeanwhile, UnknownModel
from app.registry.new_version import Publication
from app.registry.registry import CannotExtend, Registry, UnknownVersion, UntrainedModel, VersionInUse
from app.registry.state import ABSENT, AnyExisting, ModelState, Version

__all__ = [
    "ABSENT",
    "BUILT_IN",
    "EXAM_SCORE",
    "NAME",
    "AnyExisting",
    "CannotExtend",
    "ChangedMeanwhile",
    "DamagedCheckpoint",
    "Declaration",
    "ModelState",
    "Publication",
    "Registry",
    "UnknownModel",
    "UnknownVersion",
    "UntrainedModel",
    "Version",
    "VersionInUse",
]
