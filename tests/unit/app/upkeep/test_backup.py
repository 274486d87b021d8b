"""Backups: what a store has at one moment comes back as it was, and what is damaged or cut off is told as such."""

import errno
import os
import signal
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from app.errors import StoreError
from app.registry import BUILT_IN, EXAM_SCORE, Registry
from app.registry.new_version import NewVersion
from app.store import DiskStore, begin_restore, open_existing
from app.upkeep import BackupError, back_up, restore
from app.upkeep.backup_file import write_manifest, writing_backup
from tests.support.server import COMMAND
from tests.support.trained import checkpoint, publish


@pytest.fixture
def registry(folder: str) -> Registry:
    """A model of three versions, of which the second answers, and one that was removed."""
    registry = Registry(DiskStore(folder), BUILT_IN)
    for seed in range(3):
        publish(registry, seed, table=b"a,b\n1,2\n")
    registry.move_default(EXAM_SCORE, 2)
    registry.declare("removed", BUILT_IN[EXAM_SCORE])
    publish(registry, name="removed")
    registry.delete("removed")
    return registry


def test_what_is_restored_is_what_was_there_and_goes_on_from_there(
    registry: Registry, folder: str, tmp_path: Path
) -> None:
    before = sorted(path for path in Path(folder).rglob("*"))
    made = back_up(open_existing(folder), tmp_path / "backup.zip")
    assert sorted(path for path in Path(folder).rglob("*")) == before
    restore(tmp_path / "backup.zip", f"{tmp_path}/restored")

    restored = Registry(DiskStore(f"{tmp_path}/restored"), BUILT_IN)
    assert restored.model(EXAM_SCORE) == registry.model(EXAM_SCORE)
    assert restored.names() == [EXAM_SCORE]
    for number in (1, 2, 3):
        assert restored.file(EXAM_SCORE, number) == registry.file(EXAM_SCORE, number)
        assert restored.table(EXAM_SCORE, number) == b"a,b\n1,2\n"
    assert restored.serving(EXAM_SCORE)[0] == 2
    assert publish(restored).number == 4
    restored.declare("removed", BUILT_IN[EXAM_SCORE])
    assert publish(restored, name="removed").number == 2
    assert [model["name"] for model in made.models] == [EXAM_SCORE, "removed"]
    assert made.damaged == []
    assert DiskStore(folder).identity.marker != DiskStore(f"{tmp_path}/restored").identity.marker


def test_a_store_is_restored_only_into_an_empty_folder(registry: Registry, folder: str, tmp_path: Path) -> None:
    back_up(open_existing(folder), tmp_path / "backup.zip")
    (tmp_path / "full").mkdir()
    (tmp_path / "full/file").touch()
    (tmp_path / "disk/lost+found").mkdir(parents=True)

    with pytest.raises(StoreError, match="this folder is not empty"):
        restore(tmp_path / "backup.zip", f"{tmp_path}/full")
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["file"]
    restore(tmp_path / "backup.zip", f"{tmp_path}/disk")
    assert Registry(DiskStore(f"{tmp_path}/disk"), BUILT_IN).model(EXAM_SCORE) == registry.model(EXAM_SCORE)


def test_a_restore_that_was_cut_off_is_no_store_and_is_told(tmp_path: Path) -> None:
    begin_restore(f"{tmp_path}/store").put("models/exam-score/records/00000001.json", b"{}")

    for use in (
        open_existing,
        lambda location: DiskStore(location).check(),
        lambda location: DiskStore(location).get("a"),
    ):
        with pytest.raises(StoreError, match="is going on, or was cut off"):
            use(f"{tmp_path}/store")
    with pytest.raises(StoreError, match="cut off: empty it, and restore again"):
        begin_restore(f"{tmp_path}/store")


@pytest.mark.parametrize("name", ["store/models/exam-score/checkpoints/", "store/models/exam-score/records/"])
def test_a_damaged_backup_makes_no_store(registry: Registry, folder: str, tmp_path: Path, name: str) -> None:
    back_up(open_existing(folder), tmp_path / "backup.zip")
    with (
        zipfile.ZipFile(tmp_path / "backup.zip") as whole,
        zipfile.ZipFile(tmp_path / "damaged.zip", "w") as damaged,
    ):
        spoilt = next(each for each in whole.namelist() if each.startswith(name))
        for each in whole.namelist():
            damaged.writestr(each, b"damaged" if each == spoilt else whole.read(each))

    with pytest.raises(BackupError, match="does not have the digest"):
        restore(tmp_path / "damaged.zip", f"{tmp_path}/restored")
    assert not (tmp_path / "restored").exists()


def test_a_file_that_is_no_backup_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("none")
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as other:
        other.writestr("manifest.json", '{"format": 1, "files": {"../x": "0"}, "models": []}')

    for name, reason in (("text", "is not a backup"), ("other.zip", "'../x' is not a file of a model")):
        with pytest.raises(BackupError, match=reason):
            restore(tmp_path / name, f"{tmp_path}/restored")


def test_what_is_damaged_in_the_store_is_told_and_left_out(registry: Registry, folder: str, tmp_path: Path) -> None:
    Path(folder, registry.version(EXAM_SCORE, 3).checkpoint).write_bytes(b"damaged")
    Path(folder, registry.version(EXAM_SCORE, 1).checkpoint).unlink()

    made = back_up(open_existing(folder), tmp_path / "backup.zip")
    restore(tmp_path / "backup.zip", f"{tmp_path}/restored")

    assert len(made.damaged) == 2
    restored = Registry(DiskStore(f"{tmp_path}/restored"), BUILT_IN)
    assert restored.serving(EXAM_SCORE)[0] == 2
    assert sorted(restored.model(EXAM_SCORE).versions) == [1, 2, 3]


@pytest.mark.parametrize(("is_there", "named"), [(True, 1), (False, 0)], ids=["damaged", "missing"])
def test_what_was_said_of_unseen_rows_may_be_missing_but_not_damaged(
    registry: Registry, folder: str, tmp_path: Path, is_there: bool, named: int
) -> None:
    made: dict[str, Any] = {"created": "2026-01-01T00:00:00.000Z", "job_id": None, "duration_seconds": 0.1}
    version = registry.publish(
        NewVersion(EXAM_SCORE, checkpoint(), b"a,b\n1,2\n", made | {"report": {}}, unseen=b"said")
    )
    path = Path(folder, version.unseen or "")
    path.write_bytes(b"damaged") if is_there else path.unlink()

    told = back_up(open_existing(folder), tmp_path / "backup.zip").damaged

    assert told == [f"{version.unseen}: missing or damaged"] * named


@pytest.mark.parametrize("has_links", [True, False])
def test_of_two_backups_under_one_name_the_first_stays_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_links: bool
) -> None:
    """In one process, as two containers have the same process id; without links as on a disk that knows none."""
    if not has_links:
        monkeypatch.setattr(os, "link", _know_no_links)
    path = tmp_path / "backup.zip"

    with pytest.raises(BackupError, match="exists already: choose another name"):
        _write_two(path)

    with zipfile.ZipFile(path) as packed:
        assert b'"first"' in packed.read("manifest.json")
    assert [each.name for each in tmp_path.iterdir()] == ["backup.zip"]
    assert path.stat().st_mode & 0o777 == 0o600


def _write_two(path: Path) -> None:
    with writing_backup(path) as second:
        with writing_backup(path) as first:
            write_manifest(first, "first", {}, [])
        write_manifest(second, "second", {}, [])


def _know_no_links(*_: object) -> None:
    raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))


DIE = """
import os, signal, sys
from pathlib import Path
from app.store import open_existing
from app.upkeep import back_up, backup_file
os.link = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
back_up(open_existing(sys.argv[1]), Path(sys.argv[2]))
"""


def test_a_backup_that_is_killed_leaves_nothing_under_its_name(registry: Registry, folder: str, tmp_path: Path) -> None:
    killed = subprocess.run([sys.executable, "-c", DIE, folder, f"{tmp_path}/backup.zip"], check=False)

    assert killed.returncode == -signal.SIGKILL
    assert not (tmp_path / "backup.zip").exists()
    back_up(open_existing(folder), tmp_path / "backup.zip")
    assert (tmp_path / "backup.zip").exists()


def test_the_commands_tell_what_they_have_done_and_end_with_codes(
    registry: Registry, folder: str, tmp_path: Path
) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        done = subprocess.run(
            [COMMAND, *arguments], capture_output=True, text=True, check=False, cwd=tmp_path, env=dict(os.environ)
        )
        return done.returncode, done.stdout + done.stderr

    code, told = run("backup", folder, "backup.zip")
    assert (code, told.splitlines()[:2]) == (
        0, ["exam-score: version 2 answers, 3 in all", "removed: no version, 0 in all"],
    )  # fmt: skip
    assert run("backup", folder, "backup.zip") == (
        2, f"scorecast: {folder}: backup.zip exists already: choose another name\n",
    )  # fmt: skip
    assert run("backup", "absent", "other.zip")[0] == 2
    assert run("restore", "backup.zip", "restored")[0] == 0
    assert run("restore", "backup.zip", "restored")[0] == 2
    assert run("restore", "absent.zip", "other") == (2, "scorecast: absent.zip: No such file or directory\n")
    assert not (tmp_path / "other").exists()
