"""The records of a model's log as they stand in the store: under which keys, and how many bytes they are."""

import re
from contextlib import suppress

from app.store import MissingKey, Store, list_names

KEPT_BYTES = 1 << 20
"""Of the records that are kept before a snapshot; the newest one always is."""

_FILE = re.compile("[0-9]{8,}[.]json")


class LogRecords:
    """The records of all models in a store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(self, key: str) -> bytes | None:
        """Return the record under a key, if there is one."""
        with suppress(MissingKey):
            return self._store.get(key)
        return None

    def count_bytes(self, name: str, after: int) -> int:
        """Return the bytes of a model's records after a number."""
        return sum(self._size(name, number) for number in self._numbers(name) if number > after)

    def remove_old(self, name: str, newest: int, kept: int) -> None:
        """Remove all records up to the newest of those that a snapshot stands for but `kept` ones, or fewer of many bytes.

        They go in ascending order, as readers rely on. Records after that one stay.
        """
        last = newest - self._count_kept(name, newest, kept)
        for number in self._numbers(name):
            if number <= last:
                self._store.delete(record_key(name, number))

    def _count_kept(self, name: str, newest: int, most: int) -> int:
        total = 0
        for back in range(min(most, newest)):
            total += self._size(name, newest - back)
            if back and total > KEPT_BYTES:
                return back
        return most

    def _size(self, name: str, number: int) -> int:
        stamp = self._store.look(record_key(name, number))
        return stamp[3] if stamp else 0

    def _numbers(self, name: str) -> list[int]:
        return sorted(int(file.removesuffix(".json")) for file in list_names(self._store, _folder(name), _FILE))


def record_key(name: str, number: int) -> str:
    """Return the key of a model's record."""
    return f"{_folder(name)}/{number:08d}.json"


def _folder(name: str) -> str:
    return f"models/{name}/records"
