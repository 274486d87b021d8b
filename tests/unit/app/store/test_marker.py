"""The marker of a store: a folder that has gone, or another store in its place, is not taken for the store."""

import json
import logging
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.errors import StoreError
from app.store.contract import MissingKey
from app.store.disk import DiskStore
from tests.support.disks import small_disk
from tests.support.racing import Racetrack

METHODS: dict[str, Callable[[DiskStore], object]] = {
    "check": lambda store: store.check(),
    "get": lambda store: store.get("folder/key"),
    "get what is not there": lambda store: store.get("folder/absent"),
    "put": lambda store: store.put("folder/key", b"new"),
    "create": lambda store: store.create("folder/new", b"new"),
    "keys": lambda store: store.keys("folder"),
    "keys of what is not there": lambda store: store.keys("absent"),
    "delete": lambda store: store.delete("folder/key"),
    "delete what is not there": lambda store: store.delete("absent"),
    "lock": lambda store: store.lock("locks/one").__enter__(),
}


def nothing(root: Path) -> None:
    """Nothing stands in the store's place."""


def empty_folder(root: Path) -> None:
    """As a mount point is, when nothing is mounted."""
    root.mkdir()


def another_store(root: Path) -> None:
    DiskStore(str(root)).put("folder/key", b"theirs")


def a_file(root: Path) -> None:
    root.write_text("no folder")


def contents(root: Path) -> set[str]:
    return {str(path.relative_to(root)) for path in root.rglob("*")}


@pytest.mark.parametrize("use", METHODS.values(), ids=METHODS)
@pytest.mark.parametrize("instead", [nothing, empty_folder, another_store, a_file])
def test_a_store_that_has_gone_is_neither_made_anew_nor_told_to_be_empty_and_may_come_back(
    folder: str, use: Callable[[DiskStore], object], instead: Callable[[Path], None]
) -> None:
    store, root = DiskStore(folder), Path(folder)
    store.put("folder/key", b"ours")
    root.rename(root.with_name("moved"))
    instead(root)
    before = contents(root)

    with pytest.raises(StoreError, match="cannot be used"):
        use(store)
    assert contents(root) == before
    assert root.exists() == (instead is not nothing)

    shutil.rmtree(root, ignore_errors=True)
    root.unlink(missing_ok=True)
    root.with_name("moved").rename(root)
    assert store.get("folder/key") == b"ours"
    assert store.create("folder/new", b"new")


def test_a_store_that_was_copied_back_is_the_store_it_was(folder: str) -> None:
    store = DiskStore(folder)
    store.put("folder/key", b"ours")
    shutil.copytree(folder, f"{folder}-copy")
    shutil.rmtree(folder)
    shutil.copytree(f"{folder}-copy", folder)

    assert store.get("folder/key") == b"ours"


def test_that_it_has_gone_and_come_back_is_logged_once(folder: str, caplog: pytest.LogCaptureFixture) -> None:
    store = DiskStore(folder)
    store.check()
    Path(folder).rename(f"{folder}-moved")
    for _ in range(3):
        with pytest.raises(StoreError):
            store.check()
    Path(f"{folder}-moved").rename(folder)
    for _ in range(3):
        store.check()

    gone, back = [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]
    assert "moved or unmounted" in gone
    assert "there again" in back


def test_whoever_has_its_identity_opens_that_store_and_makes_none(folder: str) -> None:
    identity = DiskStore(folder).identity
    shutil.rmtree(folder)

    with pytest.raises(StoreError, match="moved or unmounted"):
        DiskStore(folder, identity).create("key", b"")
    assert not Path(folder).exists()


def _identity(folder: str) -> str | None:
    return DiskStore(folder).identity.marker


def test_those_who_begin_at_once_agree_on_one_identity(tmp_path: Path, racetrack: Racetrack) -> None:
    for number in range(10):
        assert len(set(racetrack.race(_identity, str(tmp_path / str(number) / "store")))) == 1


def test_a_store_without_a_marker_gets_one_and_keeps_what_it_has(tmp_path: Path) -> None:
    (tmp_path / "models").mkdir()
    (tmp_path / "models" / "key").write_bytes(b"old")

    store = DiskStore(str(tmp_path))

    assert store.get("models/key") == b"old"
    assert json.loads((tmp_path / "store.json").read_text())["id"] == store.identity.marker


@pytest.mark.parametrize(
    ("text", "words"),
    [("", "damaged"), ("[]", "damaged"), ('{"format": 1}', "damaged"), ('{"format": 2, "id": "x"}', "newer version")],
)
def test_a_marker_that_cannot_be_read_is_told_and_stays_as_it_is(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "store.json").write_text(text)

    with pytest.raises(StoreError, match=words):
        DiskStore(str(tmp_path)).check()
    assert (tmp_path / "store.json").read_text() == text


def _remount(disk: Path, access: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{access}", disk], check=True)


def test_a_store_that_cannot_be_written_to_serves_what_it_has_and_is_marked_as_soon_as_it_can_be(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with small_disk(tmp_path / "disk", 64) as disk:
        (disk / "models").mkdir()
        (disk / "models" / "key").write_bytes(b"old")
        _remount(disk, "ro")
        store = DiskStore(str(disk))

        assert store.get("models/key") == b"old"
        assert store.identity.marker is None
        (told,) = [record.getMessage() for record in caplog.records]
        assert "Read-only file system" in told
        with pytest.raises(StoreError, match="Read-only"):
            store.put("models/key", b"new")
        other = DiskStore(str(disk), store.identity)

        _remount(disk, "rw")
        store.put("models/key", b"new")
        assert (other.get("models/key"), other.identity) == (b"new", store.identity)
        assert store.identity.marker is not None


def test_a_store_without_a_marker_that_has_gone_is_not_made_anew_either(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 64) as disk:
        (disk / "models").mkdir()
        _remount(disk, "ro")
        store = DiskStore(str(disk))
        store.check()
        subprocess.run(["umount", disk], check=True)
        for use in (store.check, lambda: store.put("key", b""), lambda: store.keys("models")):
            with pytest.raises(StoreError, match="moved or unmounted"):
                use()
        assert list(disk.iterdir()) == []
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", disk], check=True)  # for the test to unmount


def test_a_folder_that_cannot_be_made_is_told_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(StoreError, match="Not a directory"):
        DiskStore(str(tmp_path / "file" / "store")).check()
    with pytest.raises(StoreError, match="Not a directory"):
        DiskStore(str(tmp_path / "file")).check()
    with pytest.raises(StoreError, match="File name too long"):
        DiskStore(str(tmp_path / ("x" * 300))).check()


def test_to_find_nothing_costs_one_look_more(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = DiskStore(folder)
    store.check()
    looks, stat = [], os.stat

    def counting(path: Any, **options: Any) -> os.stat_result:
        looks.append(path)
        return stat(path, **options)

    with monkeypatch.context() as patch:
        patch.setattr(os, "stat", counting)
        with pytest.raises(MissingKey):
            store.get("models/absent")
    assert looks == [f"{folder}/store.json"]
