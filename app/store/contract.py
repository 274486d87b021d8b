"""What every store promises: five methods over named bytes, and what can go wrong."""

import re
from typing import Protocol

_NAME = "[A-Za-z0-9][A-Za-z0-9._-]{0,199}"  # of no more letters than a file's name may have


_KEY = re.compile(f"{_NAME}(/{_NAME})*")


class MissingKey(KeyError):
    """There is nothing under this key."""


class Store(Protocol):
    """Named bytes."""

    def get(self, key: str) -> bytes:
        """Return the bytes under a key. Raises `MissingKey`."""

    def put(self, key: str, data: bytes) -> None:
        """Write, in place of what was there."""

    def create(self, key: str, data: bytes) -> bool:
        """Write if there is nothing under this key; of several who try at once exactly one gets True."""

    def keys(self, folder: str) -> list[str]:
        """Return the names directly inside a folder, sorted; a folder that is not there has none."""

    def delete(self, key: str) -> None:
        """Remove a key; one that is not there is no error."""


def checked(key: str) -> str:
    """Return the key. Raises `ValueError` if it is none."""
    if not _KEY.fullmatch(key):
        raise ValueError(f"no key of a store: {key!r}")
    return key
