"""The folder of a store on disk: new files come into it whole, and all failures of the disk are a `StoreError`.

This file, `marker.py`, `disk.py`, `existing.py`, `inventory.py` and `file_lock.py` are the only ones that touch the disk.
"""

import errno
import os
import stat
import time
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import takewhile
from pathlib import Path

from app.errors import StoreError, StoreFull

NOTHING_THERE = (FileNotFoundError, NotADirectoryError, IsADirectoryError)
"""What the system says of a path under which there is no file."""

STAGING = "_staging"
"""Where files are before they are shown; no key can begin so."""

BLOCK_BYTES = 4096
"""Of a disk, usually: a small file takes as much."""

_ATTEMPTS = 1000


class StoreFolder:
    """A folder, and how files and folders come into it. It is not made anew if it has been moved or unmounted."""

    def __init__(self, root: str) -> None:
        self._root = Path(root)

    def make(self) -> None:
        """Make the folder, and those above it, unless it is there."""
        _make_all([self._root, *self._root.parents])

    def make_inside(self, path: str) -> None:
        """Make a folder inside, and those between."""
        between = list(Path(path).relative_to(self._root).parents)[:-1]
        _make_all([Path(path), *(self._root / each for each in between)])

    def place(self, path: str, data: bytes, move: Callable[[str, str], object], *, is_durable: bool = True) -> None:
        """Write the bytes, then show them all at once at a path: `move` takes them there."""
        folder = str(Path(path).parent)
        with self.staged(data, is_durable=is_durable) as staged:
            for others in reversed(range(_ATTEMPTS)):
                try:
                    if folder != str(self._root):
                        self.make_inside(folder)
                    move(staged, path)
                    break
                except (FileNotFoundError, NotADirectoryError):  # a delete has taken the folder, empty as it was
                    if not others:
                        raise
            with suppress(FileNotFoundError):  # another one has taken it since, key and all
                if is_durable:
                    sync_folder(folder)

    def move(self, source: str, target: str) -> bool:
        """Rename a file, so that it survives a power cut under one of both paths; False if it is not there."""
        self.make_inside(os.fspath(Path(target).parent))
        try:
            Path(source).replace(target)
        except NOTHING_THERE:
            return False
        sync_folder(os.fspath(Path(target).parent))
        with suppress(FileNotFoundError):
            sync_folder(os.fspath(Path(source).parent))
        return True

    def sync(self, key: str) -> None:
        """Have what is under a key survive a power cut, if it is there."""
        with suppress(FileNotFoundError):
            sync_folder(os.fspath((self._root / key).parent))

    @contextmanager
    def staged(self, data: bytes, *, is_durable: bool) -> Iterator[str]:
        """Write the bytes to a file of their own, for a rename or link to show them all at once; safely on disk if durable."""
        self.make_inside(f"{self._root}/{STAGING}")
        path = self._root / STAGING / uuid.uuid4().hex
        try:
            with path.open("xb") as file:
                file.write(data)
                if is_durable:
                    file.flush()
                    os.fsync(file.fileno())
            yield os.fspath(path)
        finally:
            path.unlink(missing_ok=True)

    def measure(self) -> int:
        """Return how many bytes all files take, each as many whole blocks."""
        with translated():
            return sum(_measure_file(f"{folder}/{name}") for folder, _, names in os.walk(self._root) for name in names)

    def remove_staged(self, old_seconds: float) -> tuple[int, int]:
        """Remove the files that were staged so long ago; return how many, and their bytes."""
        files, size = 0, 0
        for path in (self._root / STAGING).glob("*"):
            with suppress(FileNotFoundError):  # a write that is going on has ended
                found = path.stat()
                if stat.S_ISREG(found.st_mode) and found.st_mtime < time.time() - old_seconds:
                    path.unlink()
                    files, size = files + 1, size + found.st_size
        return files, size


def _measure_file(path: str) -> int:
    """Return how many bytes a file takes; one that has gone since takes none."""
    try:
        return -(-os.lstat(path).st_size // BLOCK_BYTES) * BLOCK_BYTES
    except FileNotFoundError:
        return 0


@contextmanager
def translated() -> Iterator[None]:
    """Have failures of the disk raised as `StoreError`."""
    try:
        yield
    except FileExistsError:  # an answer, not a failure
        raise
    except OSError as error:
        raise failure(error) from error


def failure(error: OSError) -> StoreError:
    """Return what the service calls a failure of the disk."""
    kind = StoreFull if error.errno in {errno.ENOSPC, errno.EDQUOT} else StoreError
    return kind(f"the store cannot be used: {error.strerror or error}")


def _make_all(folders: Iterable[Path]) -> None:
    """Make the folders that are missing, the innermost of which comes first."""
    for folder in reversed(list(takewhile(_is_missing, folders))):
        with suppress(FileExistsError):  # another process was first
            folder.mkdir()
        sync_folder(os.fspath(folder.parent))  # a new folder is on disk only once its own parent is


def _is_missing(folder: Path) -> bool:
    """Whether nothing is in the place of a folder. Raises `NotADirectoryError` if something else is."""
    try:
        mode = folder.stat().st_mode
    except FileNotFoundError:
        return True
    if not stat.S_ISDIR(mode):
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR))
    return False


def sync_folder(folder: str) -> None:
    """Have the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
