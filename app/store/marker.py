"""The marker of a store: the file `store.json`, which says by an id which store a folder is.

It is written when a store is first used, and looked at ever after: a folder that has been moved or unmounted, or another
store in its place, is not taken for the store, neither by those who write nor by those who find nothing.
"""

import json
import logging
import os
import uuid
from dataclasses import dataclass

from app.errors import StoreError
from app.store.folder import NOTHING_THERE, failure, translated

log = logging.getLogger("scorecast.store")

MARKER = "store.json"
RESTORING = "_restoring"
"""Stands in a folder into which a store is being restored, and stays if that was cut off; no key can begin so."""
FORMAT = 1

_VANISHED = "the store cannot be used: it is not there (was its folder moved or unmounted?)"
_REPLACED = "the store cannot be used: another one is in its place; to serve that, start the service again"
_DAMAGED = "the store cannot be used: its store.json is damaged; remove it if this is the right folder"
_HALF_RESTORED = "the store cannot be used: a restore into this folder is going on, or was cut off; empty the folder and restore again"
_NEWER = "the store cannot be used: a newer version of Scorecast wrote it"


@dataclass(frozen=True)
class StoreIdentity:
    """Which store a folder is."""

    marker: str | None
    """The id in its marker; None: it has none, as it could not be written to."""
    folder: tuple[int, int]
    """The folder's device and inode, by which a store without a marker is known."""


def new_marker() -> bytes:
    """Return what makes a folder a store of its own."""
    return json.dumps({"format": FORMAT, "id": str(uuid.uuid4())}).encode()


def identify(root: str) -> StoreIdentity:
    """Return which store a folder is. Raises `StoreError` if it is none, or cannot be read."""
    with translated():
        found = os.stat(root)  # noqa: PTH116
        if os.path.lexists(f"{root}/{RESTORING}"):
            raise StoreError(_HALF_RESTORED)
        return StoreIdentity(_read_id(root), (found.st_dev, found.st_ino))


class Marker:
    """Says whether a folder still is the store that it was."""

    def __init__(self, root: str, identity: StoreIdentity) -> None:
        self.identity = identity
        self._root, self._path = root, f"{root}/{MARKER}"
        self._seen: tuple[int, ...] | None = None
        """What the system said of the marker when it was last read."""
        self._is_missing = False

    def check(self) -> None:
        """Raise `StoreError` unless the store is there: one look at the disk, if nothing has changed."""
        seen = None
        try:
            found = os.stat(self._path)  # noqa: PTH116 - see `DiskStore.get`
            seen = found.st_dev, found.st_ino, found.st_ctime_ns
            if seen == self._seen:
                return
        except OSError:  # which is told below
            pass
        try:
            self._read()
        except StoreError as error:
            if not self._is_missing:
                log.error("%s: %s", self._root, error)
            self._seen, self._is_missing = None, True
            raise
        if self._is_missing:
            log.warning("%s: the store is there again", self._root)
        self._seen, self._is_missing = seen, False

    def _read(self) -> None:
        """Raise `StoreError` unless the marker says that this is the store; one that had none may have got it since."""
        try:
            marker = _read_id(self._root)
            found = os.stat(self._root)  # noqa: PTH116
        except NOTHING_THERE:
            raise StoreError(_VANISHED) from None
        except OSError as error:
            raise failure(error) from error
        if self.identity.marker is None:
            if (found.st_dev, found.st_ino) != self.identity.folder:
                raise StoreError(_VANISHED)
            self.identity = StoreIdentity(marker, self.identity.folder)
        elif marker != self.identity.marker:
            raise StoreError(_VANISHED if marker is None else _REPLACED)


def _read_id(root: str) -> str | None:
    """Return the id of the store in a folder, None if it has no marker. Raises `StoreError` if that is damaged."""
    try:
        with open(f"{root}/{MARKER}", "rb") as file:  # noqa: PTH123
            data = file.read()
    except NOTHING_THERE:
        return None
    try:
        marker = json.loads(data)
        written_by, identity = int(marker["format"]), str(marker["id"])
    except (ValueError, KeyError, TypeError):
        raise StoreError(_DAMAGED) from None
    if written_by > FORMAT:
        raise StoreError(_NEWER)
    return identity
