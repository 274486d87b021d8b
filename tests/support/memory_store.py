"""A store in memory, for tests: what it keeps ends with the process."""

import threading

from app.store.contract import MissingKey, checked


class MemoryStore:
    """Named bytes in a dictionary, for tests."""

    def __init__(self) -> None:
        self._data: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def get(self, key: str) -> bytes:
        """Return the bytes under a key. Raises `MissingKey`."""
        try:
            return self._data[checked(key)]
        except KeyError:
            raise MissingKey(key) from None

    def put(self, key: str, data: bytes) -> None:
        """Write, in place of what was there."""
        self._data[checked(key)] = data

    def create(self, key: str, data: bytes) -> bool:
        """Write if there is nothing under this key; of several who try at once exactly one gets True."""
        with self._lock:
            if checked(key) in self._data:
                return False
            self._data[key] = data
            return True

    def keys(self, folder: str) -> list[str]:
        """Return the names directly inside a folder, sorted; a folder that is not there has none."""
        above = f"{checked(folder)}/"
        inside = [key.removeprefix(above) for key in list(self._data) if key.startswith(above)]
        return sorted({key.split("/")[0] for key in inside})

    def delete(self, key: str) -> None:
        """Remove a key; one that is not there is no error."""
        self._data.pop(checked(key), None)
