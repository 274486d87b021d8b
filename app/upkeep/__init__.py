"""Upkeep of a store: what is left behind is removed, what is damaged is found and mended, and all of it is backed up."""

from app.upkeep.backup import Backup, back_up
from app.upkeep.backup_file import BackupError
from app.upkeep.check import check_store
from app.upkeep.commands import run_command
from app.upkeep.findings import CheckReport, Finding
from app.upkeep.mend import mend_store
from app.upkeep.ready_models import ReadyModels
from app.upkeep.regular_tidying import RegularTidying
from app.upkeep.restore import Restored, restore

__all__ = [
    "Backup",
    "BackupError",
    "CheckReport",
    "Finding",
    "ReadyModels",
    "RegularTidying",
    "Restored",
    "back_up",
    "check_store",
    "mend_store",
    "restore",
    "run_command",
]
