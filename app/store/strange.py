"""Strange files: what stands in a store and is none of our records, or a damaged one, is passed over and told once.

Locks that processes left behind when they were killed are removed.
"""

import logging
import re
from functools import lru_cache

from app.store.contract import Store

log = logging.getLogger("scorecast.store")


def list_names(store: Store, folder: str, form: re.Pattern[str]) -> list[str]:
    """Return the names in a folder that have this form, sorted; the others are passed over."""
    names = store.keys(folder)
    for name in names:
        if not form.fullmatch(name):
            pass_over(f"{folder}/{name}", "none of the service's records has such a name")
    return [name for name in names if form.fullmatch(name)]


def remove_free_locks(store: Store, folder: str) -> None:
    """Remove the locks in a folder that no process holds."""
    for name in list_names(store, folder, re.compile("[0-9A-Za-z][0-9A-Za-z-]*")):
        with store.lock(f"{folder}/{name}"):  # one that was free is removed at the end of the block
            pass


@lru_cache(maxsize=1000)  # the same line once, and not at each look
def pass_over(key: str, reason: str) -> None:
    """Log that what stands under a key is passed over; the name as Python writes it, whatever its characters."""
    log.warning("%r in the store is passed over: %s", key, reason)
