"""A store keeps named bytes. Everything that outlives the process is in one; this is the only file that touches the disk.

Five methods are enough, for a folder as for an object store: get, put, create (if absent), keys, delete.
A key is a path of plain names, such as `models/exam-score/records/00000001.json`. What `put` and
`create` have returned from survives a power cut, and no reader ever sees half of it.
"""

import errno
import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import takewhile
from pathlib import Path

from app.errors import StoreError, StoreFull
from app.store.contract import MissingKey, Store, checked

_STAGING = "_staging"  # no key can begin so
_ATTEMPTS = 1000
_NOTHING_THERE = (FileNotFoundError, NotADirectoryError, IsADirectoryError)


def open_store(location: str) -> Store:
    """Return the store at a location; so far that is a folder."""
    return DiskStore(location)


class DiskStore:
    """Named bytes as files in a folder."""

    def __init__(self, root: str) -> None:
        self.location = root
        self._root = os.fspath(Path(root).resolve())

    def get(self, key: str) -> bytes:
        """Return the bytes under a key. Raises `MissingKey`."""
        # Each prediction looks for the next record, which is hardly ever there: `stat` says so in half of open's time.
        path = self._path(key)
        try:
            os.stat(path)  # noqa: PTH116 - and Path costs as much again
            with open(path, "rb") as file:  # noqa: PTH123
                return file.read()
        except _NOTHING_THERE:
            raise MissingKey(key) from None
        except OSError as error:
            raise _failure(error) from error

    def put(self, key: str, data: bytes) -> None:
        """Write, in place of what was there."""
        self._place(key, data, os.replace)

    def create(self, key: str, data: bytes) -> bool:
        """Write if there is nothing under this key; of several who try at once exactly one gets True."""
        try:
            self._place(key, data, os.link)
        except FileExistsError:
            return False
        return True

    def keys(self, folder: str) -> list[str]:
        """Return the names directly inside a folder, sorted; a folder that is not there has none."""
        with _translated():
            try:
                return sorted(os.listdir(self._path(folder)))  # noqa: PTH208
            except _NOTHING_THERE:
                return []

    def delete(self, key: str) -> None:
        """Remove a key; one that is not there is no error."""
        path = Path(self._path(key))
        with _translated():
            with suppress(*_NOTHING_THERE):
                path.unlink()
            if "/" in key:
                with suppress(OSError):  # it is not empty
                    path.parent.rmdir()

    def _path(self, key: str) -> str:
        return f"{self._root}/{checked(key)}"

    def _place(self, key: str, data: bytes, move: Callable[[str, str], object]) -> None:
        """Write the bytes, then show them all at once under their key."""
        path = self._path(key)
        folder = Path(path).parent
        with _translated(), self._staged(data) as staged:
            for others in reversed(range(_ATTEMPTS)):
                try:
                    _make_folder(folder)
                    move(staged, path)
                    break
                except (FileNotFoundError, NotADirectoryError):  # a delete has taken the folder, empty as it was
                    if not others:
                        raise
            with suppress(FileNotFoundError):  # another one has taken it since, key and all
                _sync_folder(os.fspath(folder))

    @contextmanager
    def _staged(self, data: bytes) -> Iterator[str]:
        """Write the bytes to a file of their own, safely on disk, for a rename or link to show them all at once."""
        staging = Path(self._root, _STAGING)
        _make_folder(staging)
        path = staging / uuid.uuid4().hex
        try:
            with path.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            yield os.fspath(path)
        finally:
            path.unlink(missing_ok=True)


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except FileExistsError:  # an answer, not a failure
        raise
    except OSError as error:
        raise _failure(error) from error


def _failure(error: OSError) -> StoreError:
    kind = StoreFull if error.errno in {errno.ENOSPC, errno.EDQUOT} else StoreError
    return kind(f"the store cannot be used: {error.strerror or error}")


def _make_folder(folder: Path) -> None:
    missing = list(takewhile(lambda each: not each.exists(), (folder, *folder.parents)))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError as error:
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR)) from error
    for each in missing:  # a new folder is on disk only once its own parent is
        _sync_folder(os.fspath(each.parent))


def _sync_folder(folder: str) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
