"""Checkpoints as they are served: read from the store once, verified, and kept in memory."""

import logging
from typing import Any

from app.errors import DamagedCheckpoint
from app.registry.new_version import sha256
from app.registry.state import Version
from app.store import MissingKey, Store
from model.checkpoint import Checkpoint
from model.errors import CheckpointError

log = logging.getLogger("scorecast.registry")

CAPACITY = 64


class CheckpointCache:
    """The checkpoints that were asked for last. Threads may share it: at worst two read the same one."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[str, Checkpoint[Any] | DamagedCheckpoint] = {}

    def get(self, version: Version) -> Checkpoint[Any]:
        """Return a version's checkpoint. Raises `DamagedCheckpoint`, the second time without reading it again."""
        kept = self._kept.get(version.checkpoint)
        if kept is None:
            kept = self._read(version)
            while len(self._kept) >= CAPACITY:
                self._kept.pop(next(iter(self._kept)), None)
            self._kept[version.checkpoint] = kept
        if isinstance(kept, DamagedCheckpoint):
            raise kept
        return kept

    def _read(self, version: Version) -> Checkpoint[Any] | DamagedCheckpoint:
        try:
            data = self._store.get(version.checkpoint)
            if sha256(data) != version.sha256:
                raise CheckpointError("its checkpoint is damaged: these are not the bytes that were published")
            return Checkpoint.from_bytes(data)
        except MissingKey:
            problem = "its checkpoint is not in the store"
        except CheckpointError as error:
            problem = str(error)
        log.error("version %d (%s) cannot be used: %s", version.number, version.checkpoint, problem)
        return DamagedCheckpoint(f"version {version.number} cannot be used: {problem}")
