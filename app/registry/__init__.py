"""The registry: models by name, their versions by number."""

from app.registry.checkpoint_cache import load
from app.registry.declaration import BUILT_IN, EXAM_SCORE, NAME, Declaration, check_name
from app.registry.model_files import ModelFiles, ModelPoint, files_of
from app.registry.new_version import NewVersion, Upload
from app.registry.registry import Registry
from app.registry.snapshots import DamagedSnapshot
from app.registry.state import ABSENT, AnyExisting, ModelState, Version
from app.registry.tidying import OLD_SECONDS, list_blobs

__all__ = [
    "ABSENT",
    "BUILT_IN",
    "EXAM_SCORE",
    "NAME",
    "OLD_SECONDS",
    "AnyExisting",
    "DamagedSnapshot",
    "Declaration",
    "ModelFiles",
    "ModelPoint",
    "ModelState",
    "NewVersion",
    "Registry",
    "Upload",
    "Version",
    "check_name",
    "files_of",
    "list_blobs",
    "load",
]
