"""Models made ready to answer: all are loaded at a start, and what could not be loaded again while someone asks for it."""

import time
from collections.abc import Mapping
from contextlib import suppress
from math import inf
from threading import Lock

from app.errors import DamagedCheckpoint, StoreError
from app.registry import Registry, load

AGAIN_SECONDS = 2.0
"""Between two times: anyone may send probes, as often as they like."""


class ReadyModels:
    """Which models can answer, as far as they were loaded; threads may share it."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._loading = Lock()
        self._loaded_at = -inf
        self.not_ready_because = "the store has not been read yet"
        self.unusable: Mapping[str, str] = {}
        """Why models could not answer when they were last loaded, by their names."""

    def load(self) -> None:
        """Load every model's serving version. A model of which no version can be used keeps no other one from answering."""
        with self._loading:
            self._load_all()

    def load_again(self) -> None:
        """Load what could not be loaded, unless another thread does, or it was tried just now."""
        if not self._loading.acquire(blocking=False):
            return
        try:
            if time.monotonic() - self._loaded_at < AGAIN_SECONDS:
                return
            if self.not_ready_because:
                self._load_all()
            else:
                self._load_unusable()
        finally:
            self._loading.release()

    def _load_all(self) -> None:
        try:
            self.unusable = self._registry.load_all()
        except (StoreError, DamagedCheckpoint) as error:
            self.not_ready_because = str(error)
        except MemoryError:
            self.not_ready_because = "there is not enough memory to load the models"
        else:
            self.not_ready_because = ""
        self._loaded_at = time.monotonic()

    def _load_unusable(self) -> None:
        with suppress(StoreError, MemoryError):  # the others answer all the same
            self.unusable, _ = load(self.unusable, self._registry.serving)
        self._loaded_at = time.monotonic()
