"""A store keeps named bytes: everything that outlives the process."""

from app.store.contract import MissingKey, Store, StoreError, StoreFull
from app.store.disk import open_store

__all__ = [
    "MissingKey",
    "Store",
    "StoreError",
    "StoreFull",
    "open_store",
]
