"""What every store promises: a few methods over named bytes, a lock, and what can go wrong.

Each raises `StoreError` where the store cannot do its work, or is not there any more: nothing is told as missing for that.
"""

import re
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Protocol

_NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,199}"  # of no more letters than a file's name may have


LEAVING = "_leaving"
"""What is being removed, for the time until it is sure that nobody names it; it stands below this under its own key."""
DAMAGED = "_damaged"
"""What was damaged and taken out of the way, likewise: an operator may look at it, and remove it."""

_KEY = re.compile(f"(({LEAVING}|{DAMAGED})/)?{_NAME}(/{_NAME})*|{LEAVING}|{DAMAGED}")


Stamp = tuple[int, int, int, int]
"""What tells the bytes under a key from all others that were there: device and inode of the file, the time of the last
change in nanoseconds since 1970, and the number of bytes."""


class MissingKey(KeyError):
    """There is nothing under this key."""


class Store(Protocol):
    """Named bytes."""

    def check(self) -> None:
        """Raise `StoreError` unless the store is there, and the one that it was when it was opened."""

    def get(self, key: str) -> bytes:
        """Return the bytes under a key. Raises `MissingKey`."""

    def look(self, key: str) -> Stamp | None:
        """Return the stamp of what is under a key; None: there is nothing, or the store is not there: `check` tells."""

    def put(self, key: str, data: bytes, *, is_durable: bool = True) -> None:
        """Write, in place of what was there; what need not be durable may be lost in a power cut, and is written faster."""

    def create(self, key: str, data: bytes, *, is_freeing: bool = False) -> bool:
        """Write if there is nothing under this key; of several who try at once exactly one gets True.

        What will make room (`is_freeing`) may use the room that is held in reserve for that.
        """

    def keep_reserve(self) -> None:
        """Hold room in reserve again, if there is any now."""

    def remove_staged(self, old_seconds: float) -> tuple[int, int]:
        """Remove what writes that were cut off so long ago have left; return how many files and bytes that was."""

    def keys(self, folder: str) -> list[str]:
        """Return the names directly inside a folder, sorted; a folder that is not there has none."""

    def delete(self, key: str) -> None:
        """Remove a key; one that is not there is no error."""

    def move(self, key: str, to: str) -> None:
        """Have what is under a key under another one, at once, in place of what was there. Raises `MissingKey`."""

    def lock(self, key: str) -> AbstractContextManager[bool]:
        """Hold the lock of this name for the time of the block, unless another process does; gives whether it is held.

        It is free again when its process ends, however that ends.
        """


@lru_cache(maxsize=1024)  # each prediction looks for the same record
def check_key(key: str) -> str:
    """Return the key. Raises `ValueError` if it is none."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"no key of a store: {key!r}")
    return key
