"""A store keeps named bytes: everything that outlives the process."""

from app.store.contract import MissingKey, Store
from app.store.disk import open_store

__all__ = [
    "MissingKey",
    "Store",
    "open_store",
]
