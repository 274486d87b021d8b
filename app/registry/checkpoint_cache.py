"""Checkpoints as they are served: read from the store once, verified, and kept in memory.

One that cannot be used is remembered for a while, too: a missing one for seconds, since it may be on its way back.
"""

import logging
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Any

from app.errors import DamagedCheckpoint, UnknownModel, UntrainedModel
from app.memory import reserving
from app.registry.published import sha256
from app.registry.snapshots import DamagedSnapshot
from app.registry.state import ModelState, Version
from app.store import MissingKey, Store
from model.checkpoint import Checkpoint
from model.errors import CheckpointError

log = logging.getLogger("scorecast.registry")

CAPACITY = 64

BYTES_A_PARAMETER = 32
"""What reading a checkpoint takes in memory: its bytes, and the arrays that are made of them."""

MISSING_SECONDS = 2.0
"""How long a checkpoint that was not in the store is not looked for again."""
DAMAGED_SECONDS = 60.0
"""How long one that was damaged is not read again."""


@dataclass(frozen=True)
class _Unusable:
    """Why a checkpoint could not be used, and from when on it is read again, in seconds of the monotonic clock."""

    problem: str
    until: float


class CheckpointCache:
    """The checkpoints that were asked for last. Threads may share it; they read one after the other."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._kept: dict[str, Checkpoint[Any] | _Unusable] = {}
        self._reading = Lock()

    def has(self, version: Version) -> bool:
        """Return whether a version's checkpoint can be had at once: `get` would not read it."""
        return not self._is_due(self._kept.get(version.checkpoint))

    def get(self, version: Version) -> Checkpoint[Any]:
        """Return a version's checkpoint. Raises `DamagedCheckpoint`, for a while without reading it again."""
        kept = before = self._kept.get(version.checkpoint)
        if self._is_due(kept):
            with self._reading:  # who waits for another one that reads it finds it read
                kept = self._kept.get(version.checkpoint)
                if self._is_due(kept):
                    kept = self._read(version)
                    self._keep(version.checkpoint, kept)
        assert kept is not None  # noqa: S101 - for the type checker: it has been read
        if isinstance(kept, _Unusable):
            if before is None or (isinstance(before, _Unusable) and before.problem != kept.problem):
                log.error("version %d (%s) cannot be used: %s", version.number, version.checkpoint, kept.problem)
            raise DamagedCheckpoint(f"version {version.number} cannot be used: {kept.problem}")
        return kept

    def get_older(self, state: ModelState, damaged: DamagedCheckpoint) -> tuple[int, Checkpoint[Any]]:
        """Return what serves instead of a model's default version, which is damaged. Raises `DamagedCheckpoint`."""
        for number in sorted(state.versions, reverse=True):
            if state.default_version is not None and number < state.default_version:
                with suppress(DamagedCheckpoint):
                    return number, self.get(state.versions[number])
        raise damaged

    def _is_due(self, kept: Checkpoint[Any] | _Unusable | None) -> bool:
        """Return whether what is kept has to be read, or read again."""
        return kept is None or (isinstance(kept, _Unusable) and time.monotonic() >= kept.until)

    def _keep(self, key: str, kept: Checkpoint[Any] | _Unusable) -> None:
        while len(self._kept) >= CAPACITY and key not in self._kept:
            self._kept.pop(next(iter(self._kept)), None)
        self._kept[key] = kept

    def _read(self, version: Version) -> Checkpoint[Any] | _Unusable:
        try:
            with reserving(BYTES_A_PARAMETER * int(version.report.get("parameters") or 0)):
                data = self._store.get(version.checkpoint)
                if sha256(data) != version.sha256:
                    raise CheckpointError("its checkpoint is damaged: these are not the bytes that were published")
                return Checkpoint.from_bytes(data)
        except MissingKey:
            return _Unusable("its checkpoint is not in the store", time.monotonic() + MISSING_SECONDS)
        except CheckpointError as error:
            return _Unusable(str(error), time.monotonic() + DAMAGED_SECONDS)


def load_all(names: Iterable[str], serve: Callable[[str], tuple[int, Checkpoint[Any]]]) -> dict[str, str]:
    """Load what serves each model; return why models cannot answer, by their names.

    Raises `DamagedCheckpoint` where models were trained and none of them can answer.
    """
    unusable, is_any_answering = load(names, serve)
    if unusable and not is_any_answering:
        raise DamagedCheckpoint("; ".join(unusable.values()))
    return unusable


def load(names: Iterable[str], serve: Callable[[str], tuple[int, Checkpoint[Any]]]) -> tuple[dict[str, str], bool]:
    """Load what serves these models; return why models cannot answer, by their names, and whether any can."""
    unusable, answering = dict[str, str](), list[int]()
    for name in sorted(names):
        try:
            with suppress(UnknownModel, UntrainedModel):
                answering.append(serve(name)[0])
        except (DamagedCheckpoint, DamagedSnapshot) as error:
            unusable[name] = str(error)
    return unusable, bool(answering)
