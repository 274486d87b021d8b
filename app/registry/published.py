"""Published bytes: they are used only if they are those that were published."""

import hashlib
from collections.abc import Iterable
from contextlib import suppress

from app.registry.state import Version
from app.store import MissingKey, Store


def read_file(store: Store, version: Version, kind: str) -> bytes | None:
    """Return a version's `checkpoint`, `table` or `unseen`; None: it has none, or it is damaged, or not there any more."""
    key: str | None = getattr(version, kind)
    digest = version.sha256 if kind == "checkpoint" else getattr(version, f"{kind}_sha256")
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
