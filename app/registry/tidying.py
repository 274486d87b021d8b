"""Tidying a store: long logs are folded, and what killed processes have left is removed, by one server at a time."""

import logging
import re
import time
from collections.abc import Iterator

from app.registry.log import ModelLog
from app.store import Store, list_names

log = logging.getLogger("scorecast.registry")

OLD_SECONDS = 24 * 3600.0
"""What is younger is left alone: it may be of a training that is just about to publish, or of a server that lives."""

_FILE = re.compile("[0-9a-f]{32}[.](safetensors|csv)")
_HEARTBEAT = re.compile("[0-9A-Za-z-]+[.]json")


def tidy(store: Store, model_log: ModelLog) -> None:
    """Tidy a store, unless another server does. Raises `StoreError`."""
    with store.lock("locks/tidying") as is_held:
        if not is_held:
            return
        for name in model_log.names():
            model_log.fold_if_long(model_log.state(name))
        staged, staged_bytes = store.remove_staged(OLD_SECONDS)
        blobs = [each for name in model_log.names() for each in _unnamed(store, model_log, name)]
        heartbeats = list(_old(store, [f"owners/{file}" for file in list_names(store, "owners", _HEARTBEAT)]))
        for key, _ in blobs + heartbeats:
            store.delete(key)
    if staged or blobs or heartbeats:
        total = staged_bytes + sum(size for _, size in blobs + heartbeats)
        log.warning(
            "removed what killed processes had left: %d files that were being written, %d checkpoints and tables without "
            "a version, %d heartbeats; %d bytes", staged, len(blobs), len(heartbeats), total,
        )  # fmt: skip


def _unnamed(store: Store, model_log: ModelLog, name: str) -> Iterator[tuple[str, int]]:
    """Yield the keys and sizes of a model's old files that no version names.

    A model is left alone that has records which cannot be read: these may name them.
    """
    folders = [f"models/{name}/{kind}" for kind in ("checkpoints", "tables")]
    keys = [f"{folder}/{file}" for folder in folders for file in list_names(store, folder, _FILE)]
    state = model_log.read(name)  # after they were listed: it knows whatever was published meanwhile
    named = {key for version in state.versions.values() for key in version.keys}
    if not state.unread:
        yield from _old(store, [key for key in keys if key not in named])


def _old(store: Store, keys: list[str]) -> Iterator[tuple[str, int]]:
    """Yield those of these keys, with sizes, that were written long ago."""
    for key in keys:
        stamp = store.look(key)
        if stamp is not None and stamp[2] / 1e9 < time.time() - OLD_SECONDS:
            yield key, stamp[3]
