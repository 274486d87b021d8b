"""A store that somebody else has made: it is opened without anything being written, and restored into an empty folder."""

import os
from pathlib import Path

from app.errors import StoreError
from app.store.disk import DiskStore
from app.store.folder import StoreFolder, sync_folder, translated
from app.store.marker import RESTORING, StoreIdentity, identify

_OF_THE_DISK = {"lost+found"}
"""What stands in an empty folder where a disk is mounted."""

CUT_OFF = "a restore into this folder was cut off: empty it, and restore again"


def open_existing(location: str) -> DiskStore:
    """Return the store at a location, in which nothing is changed by that. Raises `StoreError` if there is none."""
    identity = identify(location)
    if identity.marker is None and not Path(location, "models").is_dir():
        raise StoreError("there is no store in this folder: name the folder that SCORECAST_STORE names")
    return DiskStore(location, identity)


def begin_restore(location: str) -> DiskStore:
    """Return a new store in a folder that is empty or not there; nobody can use it before `end_restore`. Raises `StoreError`."""
    root = Path(location).resolve()
    folder = StoreFolder(os.fspath(root))
    with translated():
        if root.exists() and set(os.listdir(root)) - _OF_THE_DISK:  # noqa: PTH208
            cut_off = Path(root, RESTORING).exists()
            raise StoreError(CUT_OFF if cut_off else "this folder is not empty: name an empty or a new one")
        folder.make()
        folder.place(f"{root}/{RESTORING}", b"{}", os.link)
        found = root.stat()
    return DiskStore(location, StoreIdentity(None, (found.st_dev, found.st_ino)))


def end_restore(location: str) -> None:
    """Have a store that was restored be used from now on."""
    root = Path(location).resolve()
    with translated():
        Path(root, RESTORING).unlink()
        sync_folder(os.fspath(root))
