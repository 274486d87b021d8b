"""The check of a store: everything in it is read; what is damaged, orphaned or unknown is told, and mended if asked."""

import json
import os
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from app.jobs import JobRecords
from app.jobs.idempotency import IdempotencyKey
from app.jobs.job import Job
from app.jobs.liveness import ServerProcess
from app.registry import BUILT_IN, EXAM_SCORE, Registry
from app.registry import log as model_log
from app.registry.log import ModelLog
from app.store import DiskStore, open_existing
from app.upkeep import CheckReport, check_store, mend_store
from tests.support.server import COMMAND
from tests.support.trained import publish

OLD_DAYS = 2
JOB = "0" * 12 + "-" + "1" * 8


@pytest.fixture
def store(folder: str) -> DiskStore:
    """A model of three versions and a job, and nothing that is wrong."""
    store = DiskStore(folder)
    registry = Registry(store, BUILT_IN)
    for seed in range(3):
        publish(registry, seed, table=b"a,b\n1,2\n")
    records = JobRecords(store)
    records.submit(Job(JOB, EXAM_SCORE, "2026-01-01T00:00:00.000Z"), ServerProcess.this_process())
    records.finish(JOB, "cancelled")
    records.heartbeats.heartbeat(ServerProcess.this_process())
    return store


def check(folder: str) -> CheckReport:
    return check_store(DiskStore(folder), folder)


def found(folder: str) -> list[tuple[str, str]]:
    return [(finding.kind, finding.key) for finding in check(folder).findings]


def mend(folder: str) -> list[str]:
    return mend_store(DiskStore(folder), check(folder))


def aside(folder: str) -> set[str]:
    return {path.relative_to(f"{folder}/_damaged").as_posix() for path in Path(folder, "_damaged").rglob("*.*")}


def stamps(folder: str) -> dict[Path, tuple[int, ...]]:
    """All but the time of the last reading, which a check changes."""
    found = {path: path.stat() for path in Path(folder).rglob("*")}
    return {path: (*each[:7], each.st_mtime_ns, each.st_ctime_ns) for path, each in found.items()}


def open_registry(folder: str) -> Registry:
    return Registry(DiskStore(folder), BUILT_IN)


def test_a_store_of_which_all_is_well_is_told_so_and_left_as_it_is(store: DiskStore, folder: str) -> None:
    before = stamps(folder)

    report = check_store(open_existing(folder), folder)

    assert (report.findings, report.models, report.versions, report.jobs) == ([], 1, 3, 1)
    assert stamps(folder) == before


STRAY = {
    "damaged": [f"jobs/{JOB}/finished.json", "claims/" + "a" * 64 + ".json", f"spool/{JOB}", "owners/boot-1-2.json"],
    "orphaned": ["spool/" + "2" * 12 + "-" + "3" * 8, f"models/{EXAM_SCORE}/tables/{'4' * 32}.csv", "_staging/0123"],
    "unknown": ["jobs/.DS_Store", "notes.txt", f"models/{EXAM_SCORE}/copy of records/1.json"],
}


def test_what_lies_around_is_damaged_orphaned_or_unknown_and_goes_where_that_is_safe(
    store: DiskStore, folder: str
) -> None:
    for key in [key for keys in STRAY.values() for key in keys]:
        Path(folder, key).parent.mkdir(parents=True, exist_ok=True)
        Path(folder, key).write_bytes(b"no JSON")
    for key in STRAY["orphaned"]:
        os.utime(Path(folder, key), (time.time() - OLD_DAYS * 86400,) * 2)

    assert sorted(found(folder)) == sorted((kind, key) for kind, keys in STRAY.items() for key in keys)
    mend(folder)

    left = [*STRAY["damaged"][:1], *STRAY["damaged"][2:3], *STRAY["unknown"]]
    assert sorted(key for _, key in found(folder)) == sorted(left)
    assert aside(folder) == {STRAY["damaged"][1], STRAY["damaged"][3]}


@pytest.mark.parametrize("spoil", [lambda path: path.write_bytes(b"damaged"), Path.unlink], ids=["damaged", "missing"])
def test_a_version_that_cannot_be_read_is_withdrawn_and_the_one_before_answers(
    store: DiskStore, folder: str, spoil: Callable[[Path], object]
) -> None:
    version = open_registry(folder).version(EXAM_SCORE, 3)
    spoil(Path(folder, version.checkpoint))

    assert found(folder) == [("damaged", version.checkpoint)]
    (told,) = mend(folder)

    assert told.startswith("withdrew version 3 of model 'exam-score': version 2 answers")
    assert found(folder) == []
    registry = open_registry(folder)
    assert registry.model(EXAM_SCORE).default_version == 2
    assert version.table in aside(folder)
    assert publish(registry).number == 4


def test_after_a_rollback_the_version_before_answers_not_the_newest(store: DiskStore, folder: str) -> None:
    registry = open_registry(folder)
    registry.move_default(EXAM_SCORE, 2)
    Path(folder, registry.version(EXAM_SCORE, 2).checkpoint).write_bytes(b"damaged")

    mend(folder)

    assert open_registry(folder).model(EXAM_SCORE).default_version == 1
    assert found(folder) == []


def test_where_no_other_version_can_answer_nothing_is_withdrawn(store: DiskStore, folder: str) -> None:
    for version in open_registry(folder).model(EXAM_SCORE).versions.values():
        Path(folder, version.checkpoint).write_bytes(b"damaged")

    assert mend(folder) == []

    assert len(found(folder)) == 3
    assert len(open_registry(folder).model(EXAM_SCORE).versions) == 3
    assert aside(folder) == set()


def test_a_damaged_table_or_record_is_told_and_stays(store: DiskStore, folder: str) -> None:
    registry = open_registry(folder)
    table, record = registry.version(EXAM_SCORE, 1).table or "", f"models/{EXAM_SCORE}/records/00000003.json"
    for key in (table, record):
        Path(folder, key).write_bytes(b"damaged")

    mend(folder)

    assert {("damaged", table), ("damaged", record)} <= set(found(folder))
    assert Path(folder, record).exists()


def _fold(folder: str, *, kept: int) -> list[Path]:
    log = ModelLog(DiskStore(folder), BUILT_IN)
    log.fold(log.read(EXAM_SCORE), kept)
    return sorted(Path(folder, f"models/{EXAM_SCORE}/snapshots").iterdir())


@pytest.mark.parametrize(("kept", "spoilt"), [(1, 1), (3, 1), (3, 2)])
def test_a_snapshot_is_written_again_from_its_copy_or_from_the_records(
    store: DiskStore, folder: str, kept: int, spoilt: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = open_registry(folder).model(EXAM_SCORE)
    for path in _fold(folder, kept=kept)[:spoilt]:
        path.write_bytes(b"damaged")
    monkeypatch.setattr(model_log, "KEPT", 64)

    assert {kind for kind, _ in found(folder)} == {"damaged"}
    mend(folder)

    assert found(folder) == []
    assert len(list(Path(folder, f"models/{EXAM_SCORE}/snapshots").iterdir())) == 2
    assert open_registry(folder).model(EXAM_SCORE) == before


def test_a_snapshot_that_cannot_be_made_again_stays_where_it_is(store: DiskStore, folder: str) -> None:
    paths = _fold(folder, kept=1)
    for path in paths:
        path.write_bytes(b"damaged")

    assert mend(folder) == []

    assert all(path.exists() for path in paths)
    assert "restore one from a backup" in " ".join(finding.reason for finding in check(folder).findings)


def test_a_damaged_record_of_a_key_is_back_where_a_request_has_come_just_before_it_went(
    store: DiskStore, folder: str
) -> None:
    key = IdempotencyKey("key", b"request")
    Path(folder, "claims").mkdir()
    Path(folder, key.record_key).write_bytes(b"damaged")

    class Late(DiskStore):
        """A store in which a request reserves the key before anything is moved."""

        def move(self, key_from: str, key_to: str) -> None:
            assert key.reserve(store, "first", lambda _: False) == "first"
            super().move(key_from, key_to)

    assert mend_store(Late(folder), check(folder)) == []

    assert Path(folder, key.record_key).read_bytes() == b"damaged"
    assert key.reserve(store, "second", lambda _: False) == "first"


def test_the_command_tells_what_it_finds_and_ends_with_a_code(store: DiskStore, folder: str, tmp_path: Path) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        environment = {**os.environ, "SCORECAST_STORE": folder}
        done = subprocess.run(
            [COMMAND, "check", *arguments], capture_output=True, text=True, check=False, env=environment
        )
        return done.returncode, done.stdout + done.stderr

    code, told = run()
    assert code == 0
    assert "1 model, 3 versions, 1 job" in told
    assert "all is well" in told
    Path(folder, open_registry(folder).version(EXAM_SCORE, 3).checkpoint).write_bytes(b"damaged")
    code, told = run(folder, "--json")
    assert (code, [each["model_version"] for each in json.loads(told)["findings"]]) == (1, [3])
    code, told = run(folder, "--mend")
    assert code == 0
    assert told.startswith("withdrew version 3")
    assert run(f"{tmp_path}/absent")[0] == 2
    (tmp_path / "empty").mkdir()
    assert run(f"{tmp_path}/empty") == (
        2, f"scorecast: {tmp_path}/empty: there is no store in this folder: name the folder that SCORECAST_STORE names\n",
    )  # fmt: skip
