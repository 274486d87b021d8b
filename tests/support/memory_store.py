"""A store in memory, for tests: what it keeps ends with the process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from app.store.contract import MissingKey, Stamp, check_key


class MemoryStore:
    """Named bytes in a dictionary, for tests."""

    def __init__(self) -> None:
        self._data: dict[str, bytes] = {}
        self._stamps: dict[str, Stamp] = {}
        self._numbers = count(1)
        self._lock = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}

    def check(self) -> None:
        """It is always there."""

    def get(self, key: str) -> bytes:
        """Return the bytes under a key. Raises `MissingKey`."""
        try:
            return self._data[check_key(key)]
        except KeyError:
            raise MissingKey(key) from None

    def look(self, key: str) -> Stamp | None:
        """Return the stamp of what is under a key; None: there is nothing."""
        return self._stamps.get(check_key(key))

    def put(self, key: str, data: bytes, *, is_durable: bool = True) -> None:
        """Write, in place of what was there."""
        self._stamps[check_key(key)] = (0, next(self._numbers), 0, len(data))
        self._data[key] = data

    def create(self, key: str, data: bytes, *, is_freeing: bool = False) -> bool:
        """Write if there is nothing under this key; of several who try at once exactly one gets True."""
        with self._lock:
            if check_key(key) in self._data:
                return False
            self.put(key, data)
            return True

    def keep_reserve(self) -> None:
        """There is no need of one."""

    def remove_staged(self, old_seconds: float) -> tuple[int, int]:
        """No write is cut off here."""
        return 0, 0

    def keys(self, folder: str) -> list[str]:
        """Return the names directly inside a folder, sorted; a folder that is not there has none."""
        above = f"{check_key(folder)}/"
        inside = [key.removeprefix(above) for key in list(self._data) if key.startswith(above)]
        return sorted({key.split("/")[0] for key in inside})

    def delete(self, key: str) -> None:
        """Remove a key; one that is not there is no error."""
        self._stamps.pop(check_key(key), None)
        self._data.pop(key, None)

    def move(self, key: str, to: str) -> None:
        """Have what is under a key under another one, at once, in place of what was there. Raises `MissingKey`."""
        with self._lock:
            if check_key(key) not in self._data:
                raise MissingKey(key)
            self._stamps[check_key(to)], self._data[to] = self._stamps.pop(key), self._data.pop(key)

    @contextmanager
    def lock(self, key: str) -> Iterator[bool]:
        """Hold the lock of this name for the time of the block, unless another thread does; gives whether it is held."""
        lock = self._locks.setdefault(check_key(key), threading.Lock())
        is_held = lock.acquire(blocking=False)
        try:
            yield is_held
        finally:
            if is_held:
                lock.release()
