"""Tidying a store: long logs are folded, and what killed processes have left is removed, by one server at a time."""

import logging
import re
import time
from collections.abc import Iterator
from contextlib import suppress

from app.errors import StoreFull
from app.registry.log import ModelLog
from app.registry.snapshots import DamagedSnapshot
from app.store import LEAVING, MissingKey, Store, list_names

log = logging.getLogger("scorecast.registry")

OLD_SECONDS = 24 * 3600.0
"""What is younger is left alone: it may be of a training that is just about to publish, or of a server that lives."""

_FILE = re.compile("[0-9a-f]{32}[.](safetensors|csv)")
_HEARTBEAT = re.compile("[0-9A-Za-z-]+[.]json")


def tidy(store: Store, model_log: ModelLog) -> int:
    """Tidy a store, unless another server does; return how many files were removed. Raises `StoreError`."""
    with store.lock("locks/tidying") as is_held:
        if not is_held:
            return 0
        files, sizes = store.remove_staged(OLD_SECONDS)
        blobs, heartbeats = list[int](), _remove_heartbeats(store)
        for name in sorted(model_log.names()):
            with suppress(DamagedSnapshot):  # what this model is cannot be read: all that it has is left alone
                state = model_log.state(name)
                with suppress(StoreFull):  # a fold needs room, and what follows makes some
                    model_log.fold_if_long(state)
                blobs += remove_unnamed(store, model_log, name)
    if files or blobs or heartbeats:
        log.warning(
            "removed what killed processes had left: %d files that were being written, %d checkpoints and tables without "
            "a version, %d heartbeats; %d bytes", files, len(blobs), len(heartbeats), sizes + sum(blobs + heartbeats),
        )  # fmt: skip
    return files + len(blobs) + len(heartbeats)


def remove_unnamed(store: Store, model_log: ModelLog, name: str) -> list[int]:
    """Remove a model's old files that no version names, and return their sizes.

    A publisher may have been held up for so long, and name one just now. So each is first moved away, and only then the log
    is read that decides: who names it later finds that it has gone, and writes it again (`NewVersion.complete_in`). Files of
    a model with records that cannot be read stay: these may name them.
    """
    keys = list_blobs(store, name)
    named = _named(model_log, name)  # after they were listed: it knows whatever was published meanwhile
    away = set(list_blobs(store, name, f"{LEAVING}/"))  # by a process that was killed
    for key, _ in _old(store, [key for key in keys if named is not None and key not in named]):
        with suppress(MissingKey):
            store.move(key, f"{LEAVING}/{key}")
            away.add(key)
    named = _named(model_log, name) if away else None
    return [size for key in sorted(away) if (size := _decide(store, key, is_kept=named is None or key in named))]


def list_blobs(store: Store, name: str, above: str = "") -> list[str]:
    """Return the keys of a model's checkpoints and tables, named or not; or of those that stand above."""
    folders = [f"models/{name}/{kind}" for kind in ("checkpoints", "tables")]
    return [f"{folder}/{file}" for folder in folders for file in list_names(store, f"{above}{folder}", _FILE)]


def _named(model_log: ModelLog, name: str) -> set[str] | None:
    """Return the keys that a model's versions name; None: nobody knows all of them."""
    state = model_log.read(name)
    return None if state.unread else {key for version in state.versions.values() for key in version.keys}


def _remove_heartbeats(store: Store) -> list[int]:
    """Remove the heartbeats of servers that have been dead for long, and return their sizes."""
    keys = [f"owners/{file}" for file in list_names(store, "owners", _HEARTBEAT)]
    sizes: list[int] = []
    left = [f"{LEAVING}/owners/{file}" for file in list_names(store, f"{LEAVING}/owners", _HEARTBEAT)]
    for key, size in _old(store, left):  # by a process that was killed; a server that lives has written another one
        store.delete(key)
        sizes.append(size)
    for key, _ in _old(store, keys):
        with suppress(MissingKey):
            store.move(key, f"{LEAVING}/{key}")
            is_kept = not list(_old(store, [f"{LEAVING}/{key}"]))  # its server has just written it
            sizes += filter(None, [_decide(store, key, is_kept=is_kept)])
    return sizes


def _decide(store: Store, key: str, *, is_kept: bool) -> int:
    """Bring back what was moved away if it is to be kept, or else remove it; return the bytes that are gone."""
    moved = f"{LEAVING}/{key}"
    if is_kept:
        with suppress(MissingKey):
            store.move(moved, key)
        return 0
    stamp = store.look(moved)
    store.delete(moved)
    return stamp[3] if stamp else 0


def _old(store: Store, keys: list[str]) -> Iterator[tuple[str, int]]:
    """Yield those of these keys, with sizes, that were written long ago."""
    for key in keys:
        stamp = store.look(key)
        if stamp is not None and stamp[2] / 1e9 < time.time() - OLD_SECONDS:
            yield key, stamp[3]
