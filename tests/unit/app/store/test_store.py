"""Stores: what every store promises, and what the disk is to withstand."""

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.errors import StoreError, StoreFull
from app.store.contract import MissingKey, Store
from app.store.disk import DiskStore
from tests.support.disks import fill, read_only, small_disk
from tests.support.racing import RACERS, Racetrack

ROUNDS = 20

NO_KEYS = [
    "",
    ".",
    "..",
    "../outside",
    "inside/../../outside",
    "/etc/passwd",
    "folder/",
    "folder//key",
    "folder/.hidden",
    "_staging/key",
    "back\\slash",
    "new\nline",
    "line\n",
    "null\0",
    "späce",
    "a b",
    "x" * 201,
]


def test_what_was_put_is_what_one_gets(store: Store) -> None:
    store.put("folder/key", b"first")
    store.put("folder/key", b"second")

    assert store.get("folder/key") == b"second"


def test_bytes_of_every_kind_and_none_at_all_come_back_as_they_were(store: Store) -> None:
    store.put("all", bytes(range(256)) * 1000)
    store.put("none", b"")

    assert store.get("all") == bytes(range(256)) * 1000
    assert store.get("none") == b""


def test_what_is_moved_is_under_the_other_key_alone_in_place_of_what_was_there(store: Store) -> None:
    store.put("folder/key", b"first")
    store.put("_leaving/folder/key", b"second")

    store.move("folder/key", "_leaving/folder/key")

    assert store.get("_leaving/folder/key") == b"first"
    assert store.keys("folder") == []
    with pytest.raises(MissingKey):
        store.move("folder/key", "_damaged/folder/key")
    assert store.look("_damaged/folder/key") is None


@pytest.mark.parametrize("key", ["absent", "folder/absent", "folder", "folder/key/below"])
def test_where_there_is_nothing_there_is_a_missing_key(store: Store, key: str) -> None:
    store.put("folder/key", b"")

    with pytest.raises(MissingKey):
        store.get(key)


def test_create_writes_only_where_there_is_nothing(store: Store) -> None:
    same = b"the very same bytes"

    assert store.create("key", same)
    assert not store.create("key", same)
    assert not store.create("key", b"other bytes")
    assert store.get("key") == same


def test_create_writes_again_after_a_delete(store: Store) -> None:
    store.create("key", b"first")
    store.delete("key")

    assert store.create("key", b"second")
    assert store.get("key") == b"second"


def test_keys_are_the_names_directly_inside_a_folder_sorted(store: Store) -> None:
    for key in ("folder/b", "folder/a", "folder/deep/er/key", "folder-too/c", "top"):
        store.put(key, b"")

    assert store.keys("folder") == ["a", "b", "deep"]
    assert store.keys("folder/deep") == ["er"]


@pytest.mark.parametrize("folder", ["absent", "folder/absent", "folder/key"])
def test_a_folder_that_is_not_there_has_no_keys(store: Store, folder: str) -> None:
    store.put("folder/key", b"")

    assert store.keys(folder) == []


@pytest.mark.parametrize("key", ["absent", "folder/absent", "folder", "folder/key/below"])
def test_deleting_what_is_not_there_is_no_error_and_takes_nothing_with_it(store: Store, key: str) -> None:
    store.put("folder/key", b"stays")

    store.delete(key)

    assert store.get("folder/key") == b"stays"


@pytest.mark.parametrize("key", NO_KEYS)
def test_a_key_that_could_leave_the_folder_is_refused_by_every_method(store: Store, key: str) -> None:
    with pytest.raises(ValueError, match="no key"):
        store.get(key)
    with pytest.raises(ValueError, match="no key"):
        store.put(key, b"")
    with pytest.raises(ValueError, match="no key"):
        store.create(key, b"")
    with pytest.raises(ValueError, match="no key"):
        store.keys(key)
    with pytest.raises(ValueError, match="no key"):
        store.delete(key)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(key=st.text(st.sampled_from("./\\_-a\n\0 é~")))
def test_whatever_the_key_nothing_is_written_outside_the_folder(tmp_path: Path, key: str) -> None:
    store = DiskStore(str(tmp_path / "store"))
    with suppress(ValueError, StoreError):  # refused; or a folder that an earlier key occupies as a file
        store.put(key, b"")

    assert [entry.name for entry in tmp_path.iterdir()] in ([], ["store"])


def _create(folder: str, key: str) -> bool:
    return DiskStore(folder).create(key, str(os.getpid()).encode())


@pytest.mark.slow
def test_of_many_processes_that_create_the_same_key_exactly_one_wins(folder: str, racetrack: Racetrack) -> None:
    for round_ in range(ROUNDS):
        wins = racetrack.race(_create, folder, f"folder-{round_}/key")

        assert sorted(wins) == [False] * (RACERS - 1) + [True]


def _put_and_get(folder: str, size: int) -> bool:
    """Write a key again and again, and read it: whether it was always whole, by whichever process it was written."""
    store = DiskStore(folder)
    own = bytes([os.getpid() % 256]) * size
    for _ in range(ROUNDS):
        store.put("key", own)
        if len(set(found := store.get("key"))) != 1 or len(found) != size:
            return False
    return True


@pytest.mark.slow
def test_whoever_reads_while_others_write_sees_the_one_or_the_other_whole(folder: str, racetrack: Racetrack) -> None:
    assert all(racetrack.race(_put_and_get, folder, 1_000_000))


KILLED_BEFORE_IT_IS_SHOWN = """
import os, signal, sys
from app.store.disk import DiskStore

def die(*_):
    os.kill(os.getpid(), signal.SIGKILL)

store = DiskStore(sys.argv[1])
store.check()  # so that the folder is there
os.link = os.replace = die
getattr(store, sys.argv[2])("jobs/1/key", b"half")
"""


@pytest.mark.parametrize("method", ["create", "put"])
def test_a_process_killed_before_it_shows_its_bytes_leaves_nothing_to_see(folder: str, method: str) -> None:
    arguments = [sys.executable, "-c", KILLED_BEFORE_IT_IS_SHOWN, folder, method]
    killed = subprocess.run(arguments, check=False)
    store = DiskStore(folder)

    assert killed.returncode == -signal.SIGKILL
    with pytest.raises(MissingKey):
        store.get("jobs/1/key")
    assert store.keys("jobs/1") == []
    assert {entry.name for entry in Path(folder).iterdir()} == {"_reserve", "_staging", "jobs", "store.json"}
    assert store.create("jobs/1/key", b"whole")
    assert store.get("jobs/1/key") == b"whole"


def test_nothing_is_left_of_the_staging(folder: str) -> None:
    store = DiskStore(folder)
    store.put("key", b"1")
    store.create("key", b"2")
    store.create("other", b"3")

    assert list(Path(folder, "_staging").iterdir()) == []


@pytest.fixture
def disk_log(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was made sure to be on disk, and when bytes were shown: a log of these calls, which do their work."""
    log: list[str] = []
    fsync, link, replace = os.fsync, os.link, os.replace

    def logging_fsync(descriptor: int) -> None:
        log.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        fsync(descriptor)

    def logging_link(source: str, target: str) -> None:
        log.append("shown")
        link(source, target)

    def logging_replace(source: str, target: str) -> None:
        log.append("shown")
        replace(source, target)

    monkeypatch.setattr(os, "fsync", logging_fsync)
    monkeypatch.setattr(os, "link", logging_link)
    monkeypatch.setattr(os, "replace", logging_replace)
    return log


def test_what_need_not_be_durable_waits_for_nothing_though_all_before_it_was_deleted(
    folder: str, disk_log: list[str]
) -> None:
    store = DiskStore(folder)
    store.put("spool/0", b"")
    store.delete("spool/0")
    disk_log.clear()

    store.put("spool/1", b"", is_durable=False)

    assert disk_log == ["shown"]


@pytest.mark.parametrize("method", ["create", "put"])
def test_bytes_are_safely_on_disk_before_they_are_shown_and_so_is_their_name_after(
    folder: str, disk_log: list[str], method: str
) -> None:
    store = DiskStore(folder)
    store.put("jobs/0", b"so that the folders are there")
    disk_log.clear()

    getattr(store, method)("jobs/1", b"bytes")

    staged, shown, name = disk_log
    assert staged.startswith(f"{folder}/_staging/")
    assert shown == "shown"
    assert name == f"{folder}/jobs"


def test_every_folder_above_a_new_key_is_safely_on_disk(tmp_path: Path, disk_log: list[str]) -> None:
    """A folder's name is kept by the folder above it, so each of those has to be synced, up to one that was there."""
    root = tmp_path / "not" / "there"

    DiskStore(str(root)).create("a/b/key", b"")

    assert set(disk_log) >= {str(path) for path in (tmp_path, tmp_path / "not", root, root / "a", root / "a" / "b")}


def test_a_folder_that_cannot_be_written_to_is_a_store_error(tmp_path: Path) -> None:
    with read_only(tmp_path / "read-only") as folder:
        store = DiskStore(str(folder))
        for use in (store.check, lambda: store.put("key", b""), lambda: store.create("folder/key", b"")):
            with pytest.raises(StoreError, match="cannot be used"):
                use()


def test_a_file_in_the_place_of_the_folder_is_a_store_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    store = DiskStore(str(tmp_path / "file"))

    with pytest.raises(StoreError):
        store.create("key", b"")
    with pytest.raises(StoreError):
        store.get("key")


@pytest.mark.parametrize("method", ["create", "put"])
def test_a_key_below_another_key_is_a_store_error(folder: str, method: str) -> None:
    store = DiskStore(folder)
    store.put("folder/key", b"")

    with pytest.raises(StoreError):
        getattr(store, method)("folder/key/below", b"")
    with pytest.raises(StoreError):
        getattr(store, method)("folder/key/far/below", b"")


def _put_and_delete(folder: str) -> None:
    """Have a folder come and go as its only key does."""
    store = DiskStore(folder)
    for _ in range(ROUNDS * 5):
        store.create("folder/key", b"")
        store.delete("folder/key")


@pytest.mark.slow
def test_a_folder_that_comes_and_goes_fails_nobody(folder: str, racetrack: Racetrack) -> None:
    assert racetrack.race(_put_and_delete, folder) == [None] * RACERS


def test_a_folder_goes_with_its_last_key(folder: str) -> None:
    store = DiskStore(folder)
    store.put("top/folder/first", b"")
    store.put("top/folder/second", b"")

    store.delete("top/folder/first")
    assert store.keys("top/folder") == ["second"]
    store.delete("top/folder/second")
    assert store.keys("top") == []


def test_a_full_disk_is_told_as_such_and_what_was_there_stays_whole(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", 256) as disk:
        store = DiskStore(str(disk / "store"))
        store.put("key", b"before")
        fill(disk)
        with pytest.raises(StoreFull):
            store.put("key", bytes(100_000))
        with pytest.raises(StoreFull):
            store.create("other", bytes(100_000))
        assert store.get("key") == b"before"
        assert store.keys("other") == []

        (disk / "ballast").unlink()
        store.put("key", b"after")
        assert store.get("key") == b"after"
