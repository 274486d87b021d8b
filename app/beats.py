"""Beats: how a server shows that it lives to those who cannot see its process, in another container or on another host."""

import json
import time
from contextlib import suppress

from app.owner import Owner
from app.store import MissingKey, Store

BEAT_SECONDS = 2.0
"""Between two beats."""
DEAD_AFTER = 15.0
"""Seconds without a beat."""


class Beats:
    """The beats of all owners in a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def beat(self, owner: Owner) -> None:
        """Note that an owner lives."""
        self._store.put(_key(owner), json.dumps({"at": time.time()}).encode())

    def end(self, owner: Owner) -> None:
        """Forget that an owner lived."""
        self._store.delete(_key(owner))

    def is_alive(self, owner: Owner) -> bool:
        """Whether an owner lives: its process, where that can be seen, or else a beat that is not long ago."""
        if owner.is_visible:
            return owner.is_alive()
        with suppress(MissingKey, ValueError, KeyError, TypeError):  # there is none, or it is damaged
            beat = json.loads(self._store.get(_key(owner)))
            return bool(time.time() - beat["at"] < DEAD_AFTER)
        return False


def _key(owner: Owner) -> str:
    return f"owners/{owner.key}.json"
