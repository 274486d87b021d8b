"""Published bytes: they are used only if they are those that were published."""

import hashlib
from collections.abc import Iterable
from contextlib import suppress

from app.store import MissingKey, Store


def read_published(store: Store, key: str | None, digest: str | None) -> bytes | None:
    """Return what was published under a key; None: nothing was, or it is damaged, or not there any more."""
    with suppress(MissingKey):
        if key is not None and sha256(data := store.get(key)) == digest:
            return data
    return None


def discard(store: Store, keys: Iterable[str]) -> None:
    """Remove what was published."""
    for key in keys:
        store.delete(key)


def sha256(data: bytes) -> str:
    """Return the digest that says whether bytes are those that were published."""
    return hashlib.sha256(data).hexdigest()
