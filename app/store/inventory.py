"""All files that stand in a store's folder, whatever they are: also those that are under no key."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from app.store.folder import translated


class FoundFile(NamedTuple):
    """A file in the folder of a store."""

    path: str
    """From the folder on; of what stands under a key, that key."""
    size: int
    written: float
    """Seconds since 1970."""


def list_files(location: str) -> Iterator[FoundFile]:
    """Yield all files in a store's folder, in the order of their paths. Raises `StoreError` if a folder cannot be read."""
    root = os.fspath(Path(location).resolve())
    with translated():
        for folder, folders, names in os.walk(root, onerror=_fail):
            folders.sort()
            for name in sorted(names):
                path = Path(folder, name)
                try:
                    found = path.lstat()
                except FileNotFoundError:  # it has been removed since
                    continue
                yield FoundFile(os.fspath(path.relative_to(root)), found.st_size, found.st_mtime)


def _fail(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):  # a folder that has been removed since
        raise error
