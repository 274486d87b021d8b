"""A store keeps named bytes: everything that outlives the process."""

from app.store.contract import DAMAGED, LEAVING, MissingKey, Stamp, Store, check_key
from app.store.disk import DiskStore, open_store
from app.store.existing import begin_restore, end_restore, open_existing
from app.store.folder import sync_folder
from app.store.inventory import FoundFile, list_files
from app.store.marker import StoreIdentity
from app.store.strange import list_names, pass_over, remove_free_locks

__all__ = [
    "DAMAGED",
    "LEAVING",
    "DiskStore",
    "FoundFile",
    "MissingKey",
    "Stamp",
    "Store",
    "StoreIdentity",
    "begin_restore",
    "check_key",
    "end_restore",
    "list_files",
    "list_names",
    "open_existing",
    "open_store",
    "pass_over",
    "remove_free_locks",
    "sync_folder",
]
