"""A store on disk: named bytes as files in a folder.

A key is a path of plain names, such as `models/exam-score/records/00000001.json`. What `put` and
`create` have returned from survives a power cut, and no reader ever sees half of it.
"""

import logging
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cached_property
from pathlib import Path

from app.errors import StoreError, StoreFull
from app.store.contract import MissingKey, Stamp, check_key
from app.store.file_lock import hold_file_lock
from app.store.folder import NOTHING_THERE, StoreFolder, failure, translated
from app.store.marker import MARKER, Marker, StoreIdentity, identify, new_marker

log = logging.getLogger("scorecast.store")

RESERVE = "_reserve"
"""A file that is given up when the disk is full, so that there is room for what makes room; no key can begin so."""
RESERVE_BYTES = 64 * 1024


class DiskStore:
    """Named bytes as files in a folder, which is made when the store is first used; with an identity it must be there."""

    def __init__(self, root: str, identity: StoreIdentity | None = None) -> None:
        self._root = os.fspath(Path(root).resolve())
        self._folder = StoreFolder(self._root)
        self._expected = identity

    @property
    def identity(self) -> StoreIdentity:
        """Which store it is. Raises `StoreError` if there is none, and none can be made."""
        return self._marker.identity

    def check(self) -> None:
        """Raise `StoreError` unless the store is there, and the one that it was."""
        self._marker.check()

    def get(self, key: str) -> bytes:
        """Return the bytes under a key. Raises `MissingKey`."""
        try:
            with open(self._path(key), "rb") as file:  # noqa: PTH123
                data = file.read()
        except NOTHING_THERE:
            self._marker.check()
            raise MissingKey(key) from None
        except OSError as error:
            raise failure(error) from error
        self._marker.check()
        return data

    def look(self, key: str) -> Stamp | None:
        """Return the stamp of what is under a key; None: there is nothing, or the store is not there: `check` tells."""
        try:
            found = os.stat(self._path(key))  # noqa: PTH116 - each prediction looks twice, and Path costs as much again
        except NOTHING_THERE:
            return None
        except OSError as error:
            raise failure(error) from error
        return found.st_dev, found.st_ino, found.st_mtime_ns, found.st_size

    def put(self, key: str, data: bytes, *, is_durable: bool = True) -> None:
        """Write, in place of what was there; what need not be durable may be lost in a power cut, and is written faster."""
        self._place(key, data, os.replace, is_durable=is_durable)

    def create(self, key: str, data: bytes, *, is_freeing: bool = False) -> bool:
        """Write if there is nothing under this key; of several who try at once exactly one gets True.

        What will make room (`is_freeing`) may use the room that is held in reserve for that.
        """
        try:
            self._place(key, data, os.link)
        except FileExistsError:
            return False
        except StoreFull:
            if not is_freeing:
                raise
            self._marker.check()
            Path(self._root, RESERVE).unlink(missing_ok=True)
            return self.create(key, data) or self._is_ours(key, data)
        return True

    def _is_ours(self, key: str, data: bytes) -> bool:
        """Whether an attempt to create a key came so far that only its sync failed, which is done now."""
        with translated():
            self._folder.sync(key)
        with suppress(MissingKey):  # it has been removed since
            return self.get(key) == data
        return False

    def measure(self) -> int:
        """Return how many bytes the store takes on its disk, about."""
        return self._folder.measure()

    def keep_reserve(self) -> None:
        """Hold room in reserve again, if there is any now."""
        with suppress(StoreError):
            self._marker.check()
            self._write_reserve()

    def remove_staged(self, old_seconds: float) -> tuple[int, int]:
        """Remove what writes that were cut off so long ago have left; return how many files and bytes that was."""
        self._marker.check()
        with translated():
            return self._folder.remove_staged(old_seconds)

    def keys(self, folder: str) -> list[str]:
        """Return the names directly inside a folder, sorted; a folder that is not there has none."""
        path, names = self._path(folder), list[str]()
        with translated(), suppress(*NOTHING_THERE):
            names = sorted(os.listdir(path))  # noqa: PTH208
        self._marker.check()
        return names

    def delete(self, key: str) -> None:
        """Remove a key; one that is not there is no error."""
        path = Path(self._path(key))
        self._marker.check()
        with translated():
            with suppress(*NOTHING_THERE):
                path.unlink()
            if key.count("/") > 1:  # the few folders at the top stay: to make one anew, the disk is waited for
                with suppress(OSError):  # it is not empty
                    path.parent.rmdir()

    def move(self, key: str, to: str) -> None:
        """Have what is under a key under another one, at once, in place of what was there. Raises `MissingKey`."""
        source, target = self._path(key), self._path(to)
        self._marker.check()
        with translated():
            if not self._folder.move(source, target):
                raise MissingKey(key)

    @contextmanager
    def lock(self, key: str) -> Iterator[bool]:
        """Hold the lock of this name for the time of the block, unless another process does; gives whether it is held."""
        path = Path(self._path(key))
        self._marker.check()
        with ExitStack() as stack:
            with translated():
                self._folder.make_inside(str(path.parent))
                is_held = stack.enter_context(hold_file_lock(os.fspath(path)))
            yield is_held

    def _path(self, key: str) -> str:
        return f"{self._root}/{check_key(key)}"

    def _place(self, key: str, data: bytes, move: Callable[[str, str], object], *, is_durable: bool = True) -> None:
        """Write the bytes, then show them all at once under their key, if this is still the store."""

        def move_in_store(staged: str, path: str) -> None:
            marker.check()  # now that the bytes are there: a store that takes the place of this one does not have them
            move(staged, path)

        path, marker = self._path(key), self._marker
        marker.check()
        if marker.identity.marker is None:  # it could not be written to until now
            self._write_marker()
        with translated():
            self._folder.place(path, data, move_in_store, is_durable=is_durable)

    @cached_property
    def _marker(self) -> Marker:
        """What says whether the store is there; at the first use of a store its folder and marker are made."""
        return Marker(self._root, self._expected or self._begin())

    def _begin(self) -> StoreIdentity:
        """Make the folder and mark it, unless that is done; a store that cannot be written to is served as it is."""
        with translated():
            self._folder.make()
        try:
            if identify(self._root).marker is None:
                self._write_marker()
            with translated(), self._folder.staged(b"\0", is_durable=False):  # a byte takes room, and none does not
                self._write_reserve()
        except StoreError as error:
            if not isinstance(error, StoreFull) and not os.path.isdir(f"{self._root}/models"):  # noqa: PTH112
                raise
            log.warning("%s: %s: what is there is served, trainings and changes are refused", self._root, error)
        return identify(self._root)

    def _write_reserve(self) -> None:
        path = Path(self._root, RESERVE)
        with translated():
            if not path.exists():  # random, so that no disk makes it smaller than it is
                self._folder.place(os.fspath(path), os.urandom(RESERVE_BYTES), os.replace)

    def _write_marker(self) -> None:
        with translated(), suppress(FileExistsError):  # another process was first
            self._folder.place(f"{self._root}/{MARKER}", new_marker(), os.link)


def open_store(location: str, identity: StoreIdentity | None = None) -> DiskStore:
    """Return the store at a location, which so far is a folder; with an identity only that store will do."""
    return DiskStore(location, identity)
