"""Tidying while a server runs: when it has begun, and then every few hours, beside all else."""

import logging
import threading

from app.errors import StoreError
from app.registry import Registry

log = logging.getLogger("scorecast.registry")

TIDY_SECONDS = 6 * 3600.0
"""Between two times."""


class RegularTidying:
    """Tidies a store again and again; of several servers over it one at a time does."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._is_over = threading.Event()

    def start(self) -> None:
        """Begin, in a thread that nobody waits for: a tidying that is cut off leaves nothing undone that the next does not do."""
        threading.Thread(target=self._tidy, daemon=True).start()

    def stop(self) -> None:
        """Begin no more."""
        self._is_over.set()

    def _tidy(self) -> None:
        while not self._is_over.is_set():
            try:
                self._registry.tidy()
            except StoreError:  # it cannot be read or written to now
                log.info("the store cannot be used now: it will be tidied later")
            except Exception:  # such as too little memory: what is left behind must not stay until the next start
                log.exception("the store is tidied later: a tidying has failed")
            self._is_over.wait(TIDY_SECONDS)
