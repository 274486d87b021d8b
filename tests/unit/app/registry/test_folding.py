"""A log that is folded while others read and change it: no change is lost or made twice, and nobody sees an old state."""

import json
import os
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.errors import ChangedMeanwhile, StoreError
from app.registry import BUILT_IN, EXAM_SCORE, Declaration, log_records, snapshots
from app.registry import log as model_log
from app.registry.log import ModelLog
from app.registry.registry import Registry
from app.registry.state import ModelState
from app.store.disk import DiskStore
from model.table import Column, Signature
from tests.support.dose import times
from tests.support.memory_store import MemoryStore
from tests.support.racing import Racetrack
from tests.support.stepped_store import SteppedStore
from tests.support.trained import publish

DECLARED = {"change": "declared", "declaration": BUILT_IN[EXAM_SCORE].to_dict()}
NAME = "model"


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Logs are folded after a few records, and few are kept."""
    monkeypatch.setattr(model_log, "FOLD_AFTER", 2)
    monkeypatch.setattr(model_log, "KEPT", 1)


def published(job_id: str) -> Callable[[ModelState], dict[str, Any]]:
    def record(state: ModelState) -> dict[str, Any]:
        number = state.newest + 1
        version = {
            "number": number,
            "checkpoint": f"checkpoint-{number}",
            "sha256": "",
            "created": "",
            "job_id": job_id,
        }
        declared = {} if state.declaration else {"declaration": DECLARED["declaration"]}
        return {"change": "published", "version": {**version, "duration_seconds": 0.0, "report": {}}, **declared}

    return record


class Witness:
    """What was acknowledged to clients of one model, and what readers saw."""

    def __init__(self, store: MemoryStore) -> None:
        self.store = store
        self.sequence = 0
        self.made: dict[str, tuple[int, int]] = {}
        """By job: the version's number, and how often the model had been removed before."""

    def publish(self, who: str, count: int) -> Callable[[], None]:
        def act() -> None:
            log = ModelLog(self.store, {})
            for number in range(count):
                state = log.change(NAME, published(f"{who}-{number}"))
                self.made[f"{who}-{number}"] = state.newest, state.deletions
                self.sequence = max(self.sequence, state.sequence)

        return act

    def remove(self, count: int) -> Callable[[], None]:
        def act() -> None:
            log = ModelLog(self.store, {})
            for _ in range(count):
                log.change(NAME, lambda _: DECLARED)
                state = log.change(NAME, lambda state: {"change": "deleted", "declaration": None})
                self.sequence = max(self.sequence, state.sequence)
                log.fold(state, kept=1)

        return act

    def read(self, until: int) -> Callable[[], None]:
        def act() -> None:
            log, last = ModelLog(self.store, {}), 0
            while len(self.made) < until:
                acknowledged = self.sequence
                last, before = log.state(NAME).sequence, last
                assert last >= max(acknowledged, before)

        return act

    def check(self) -> None:
        numbers = [number for number, _ in self.made.values()]
        assert len(set(numbers)) == len(numbers)
        state = ModelLog(self.store, {}).state(NAME)
        assert state.newest == len(numbers)
        kept = {job: number for job, (number, deletions) in self.made.items() if deletions == state.deletions}
        assert {made.job_id: number for number, made in state.versions.items()} == kept


@given(st.integers(0, 2**32))
@settings(max_examples=times(60, full=500))
def test_in_whatever_order_writers_readers_and_folders_take_their_steps_nothing_is_lost(seed: int) -> None:
    chance = random.Random(seed)
    store = SteppedStore(chance)
    witness = Witness(store)
    acts = [witness.publish(f"job-{number}", 6) for number in range(3)] + [witness.read(18)] * 2
    if chance.random() < 0.7:
        acts.append(witness.remove(2))

    store.run(acts)

    witness.check()


def _publish_and_read(folder: str, number: int) -> list[int]:
    """Publish with a log that is folded again and again; the numbers of the versions."""
    model_log.FOLD_AFTER, model_log.KEPT = 3, 1
    registry, numbers = Registry(DiskStore(folder), BUILT_IN), list[int]()
    for seed in range(8):
        numbers.append(publish(registry, 0, job_id=f"{number}-{os.getpid()}-{seed}").number)
        assert registry.model(EXAM_SCORE).newest >= numbers[-1]
    return numbers


@pytest.mark.slow
def test_processes_that_fold_and_publish_at_once_lose_nothing(racetrack: Racetrack, folder: str) -> None:
    numbers: list[int] = []
    for number in range(times(3, full=6)):
        numbers += [each for made in racetrack.race(_publish_and_read, folder, number) for each in made]

    state = Registry(DiskStore(folder), BUILT_IN).model(EXAM_SCORE)
    assert sorted(numbers) == sorted(state.versions) == list(range(1, len(numbers) + 1))
    assert len(DiskStore(folder).keys(f"models/{EXAM_SCORE}/records")) < 10


def test_folding_keeps_all_that_a_model_is_and_its_tag(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(model_log, "FOLD_AFTER", 1000)
    store = DiskStore(folder)
    log = ModelLog(store, BUILT_IN)
    for number in range(5):
        state = log.change(EXAM_SCORE, published(f"job-{number}"))
    log.end_job(EXAM_SCORE, "ended")
    log.change(EXAM_SCORE, lambda _: {"change": "default-moved", "model_version": 2})
    store.put(f"models/{EXAM_SCORE}/records/00000008.json", b"damaged")
    state = log.change(EXAM_SCORE, lambda _: {"change": "version-removed", "model_version": 4})

    log.fold(state, kept=1)

    after = ModelLog(store, BUILT_IN).state(EXAM_SCORE)
    assert (after, after.tag) == (state, state.tag)
    assert after.declaration is BUILT_IN[EXAM_SCORE]  # that of the code, also if it changes
    assert (after.newest, after.unread, after.ended_jobs) == (6, frozenset({6}), frozenset({"ended"}))
    assert store.keys(f"models/{EXAM_SCORE}/records") == ["00000009.json"]
    assert log.state(EXAM_SCORE) == after
    assert log.change(EXAM_SCORE, published("next")).newest == 7


def declared(column: str) -> dict[str, Any]:
    """Return a record of some 100 KB."""
    columns = tuple(Column(f"{column}-{number}" + "x" * 150) for number in range(300))
    return {"change": "declared", "declaration": Declaration(Signature(columns, (Column("y"),))).to_dict()}


def size_of_log(folder: str) -> int:
    return sum(path.stat().st_size for path in Path(folder, "models", NAME).rglob("*.json"))


@pytest.fixture
def few_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Logs are folded after a few large records, and never for their number."""
    monkeypatch.setattr(model_log, "FOLD_AFTER", 1000)
    monkeypatch.setattr(model_log, "KEPT", 64)
    monkeypatch.setattr(model_log, "FOLD_AFTER_BYTES", 100_000)
    monkeypatch.setattr(log_records, "KEPT_BYTES", 50_000)


@pytest.mark.usefixtures("few_bytes")
def test_a_log_of_large_records_has_a_few_of_them_at_a_time(folder: str) -> None:
    log, record = ModelLog(DiskStore(folder), {}), len(json.dumps(declared("first")))
    for number in range(20):
        state = log.change(NAME, lambda _, number=number: declared(f"column-{number}"))  # type: ignore[misc]
        assert size_of_log(folder) < 7 * record
        assert ModelLog(DiskStore(folder), {}).state(NAME) == state
    for _ in range(20):
        state = log.change(NAME, published("job"))

    assert (state.sequence, state.newest) == (40, 20)
    assert ModelLog(DiskStore(folder), {}).state(NAME) == state


def test_a_long_log_of_large_records_is_folded_when_a_server_starts(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(model_log, "FOLD_AFTER", 1000)
    registry = Registry(DiskStore(folder), {})
    for number in range(6):
        values = declared(f"column-{number}")["declaration"]
        registry.declare(NAME, Declaration.from_dict(values))
    before = size_of_log(folder)
    monkeypatch.setattr(model_log, "FOLD_AFTER_BYTES", 100_000)
    monkeypatch.setattr(log_records, "KEPT_BYTES", 50_000)

    Registry(DiskStore(folder), {}).tidy()

    assert size_of_log(folder) < before * 0.6
    assert Registry(DiskStore(folder), {}).model(NAME) == registry.model(NAME)


def _declare_and_publish(folder: str, number: int) -> list[int]:
    """Publish, and declare anew, with a log that is folded for its bytes; the numbers of the versions."""
    model_log.FOLD_AFTER, model_log.KEPT = 1000, 64
    model_log.FOLD_AFTER_BYTES, model_log.FOLD_AFTER_SNAPSHOTS, log_records.KEPT_BYTES = 100_000, 1, 1
    log, numbers = ModelLog(DiskStore(folder), {}), list[int]()
    for seed in range(6):
        log.change(NAME, lambda _, seed=seed: declared(f"{os.getpid()}-{seed}"))  # type: ignore[misc]
        state = log.change(NAME, published(job_id := f"{number}-{os.getpid()}-{seed}"))
        numbers += [made.number for made in state.versions.values() if made.job_id == job_id]
    return numbers


@pytest.mark.slow
def test_processes_that_fold_for_bytes_and_publish_at_once_lose_nothing(racetrack: Racetrack, folder: str) -> None:
    numbers: list[int] = []
    for number in range(times(2, full=6)):
        numbers += [each for made in racetrack.race(_declare_and_publish, folder, number) for each in made]

    state = ModelLog(DiskStore(folder), {}).state(NAME)
    assert sorted(numbers) == sorted(state.versions) == list(range(1, len(numbers) + 1))
    assert state.sequence == 2 * len(numbers)
    assert size_of_log(folder) < 10 * len(json.dumps(declared("column")))


def test_a_change_that_changes_nothing_writes_nothing(folder: str) -> None:
    registry = Registry(DiskStore(folder), BUILT_IN)
    publish(registry)
    before = registry.model(EXAM_SCORE)

    assert registry.declare(EXAM_SCORE, BUILT_IN[EXAM_SCORE]) is before
    assert registry.move_default(EXAM_SCORE, 1) is before
    with pytest.raises(ChangedMeanwhile):
        registry.move_default(EXAM_SCORE, 1, {"another"})
    assert DiskStore(folder).keys(f"models/{EXAM_SCORE}/records") == ["00000001.json"]


def _snapshot_files(folder: str) -> list[Path]:
    return sorted(Path(folder, f"models/{EXAM_SCORE}/snapshots").iterdir())


def test_a_damaged_snapshot_has_a_copy_and_without_it_the_model_is_not_told_to_be_empty(folder: str) -> None:
    registry = Registry(DiskStore(folder), BUILT_IN)
    for _ in range(10):
        publish(registry)
    first, second = _snapshot_files(folder)
    first.write_bytes(b"damaged")
    assert Registry(DiskStore(folder), BUILT_IN).model(EXAM_SCORE).newest == 10

    second.write_bytes(b"")
    assert registry.model(EXAM_SCORE).newest == 10
    with pytest.raises(StoreError, match="snapshot of model 'exam-score' is damaged"):
        Registry(DiskStore(folder), BUILT_IN).model(EXAM_SCORE)


def test_a_snapshot_of_a_later_version_is_told_as_such(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshots, "FORMAT", 2)
    log = ModelLog(DiskStore(folder), BUILT_IN)
    log.fold(log.change(EXAM_SCORE, published("job")), kept=0)
    monkeypatch.setattr(snapshots, "FORMAT", 1)

    with pytest.raises(StoreError, match="newer version"):
        ModelLog(DiskStore(folder), BUILT_IN).state(EXAM_SCORE)


def test_a_model_that_was_removed_takes_next_to_no_room(folder: str) -> None:
    registry = Registry(DiskStore(folder), BUILT_IN)
    for number in range(1, 20):
        publish(registry)
        registry.move_default(EXAM_SCORE, 1)
        if number > 1:
            registry.remove_version(EXAM_SCORE, number)
    registry.delete(EXAM_SCORE)

    files = [path for path in Path(folder, "models").rglob("*") if path.is_file()]
    assert sorted(path.parent.name for path in files) == ["records", "snapshots", "snapshots"]
    assert sum(path.stat().st_size for path in files) < 10_000
    registry.declare(EXAM_SCORE, BUILT_IN[EXAM_SCORE])
    assert publish(registry).number == 20


def test_a_record_that_somebody_has_taken_away_does_not_stop_a_process_that_has_read_it(folder: str) -> None:
    registry = Registry(DiskStore(folder), BUILT_IN)
    publish(registry)
    registry.model(EXAM_SCORE)
    Path(folder, f"models/{EXAM_SCORE}/records/00000001.json").unlink()

    assert registry.model(EXAM_SCORE).newest == 1
    assert publish(registry).number == 2
    assert registry.serving(EXAM_SCORE)[0] == 2


def test_a_writer_that_slept_while_the_log_was_folded_finds_that_its_record_stands_in_a_gap(folder: str) -> None:
    log = ModelLog(DiskStore(folder), BUILT_IN)
    state = log.change(EXAM_SCORE, published("first"))
    slow = ModelLog(DiskStore(folder), BUILT_IN)

    def record(seen: ModelState) -> dict[str, Any]:
        if seen.newest == 1:
            for number in range(20):
                log.change(EXAM_SCORE, published(f"other-{number}"))
        return published("slow")(seen)

    state = slow.change(EXAM_SCORE, record)

    assert state.newest == 22
    assert log.state(EXAM_SCORE) == state
