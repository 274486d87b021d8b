"""The registry: models by name, their versions by number."""

from app.registry.built_in import BUILT_IN, EXAM_SCORE
from app.registry.declaration import NAME, Declaration, check_name
from app.registry.new_version import NewVersion, Upload
from app.registry.registry import Registry
from app.registry.state import ABSENT, AnyExisting, ModelState, Version

__all__ = [
    "ABSENT",
    "BUILT_IN",
    "EXAM_SCORE",
    "NAME",
    "AnyExisting",
    "Declaration",
    "ModelState",
    "NewVersion",
    "Registry",
    "Upload",
    "Version",
    "check_name",
]
