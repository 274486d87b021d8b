"""Tidying: what killed processes have left is removed when it is old, and nothing that anyone may still name."""

import os
import random
import time
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.errors import UnknownVersion, VersionInUse
from app.registry import BUILT_IN, EXAM_SCORE
from app.registry.registry import Registry
from app.registry.state import Version
from app.registry.tidying import list_blobs
from app.store.contract import Store
from app.store.disk import DiskStore
from tests.support.stepped_store import SteppedStore
from tests.support.trained import checkpoint, publish

LEFT = [
    "_staging/0123",
    f"models/{EXAM_SCORE}/checkpoints/{'0' * 32}.safetensors",
    f"models/{EXAM_SCORE}/tables/{'1' * 32}.csv",
    "models/removed/checkpoints/" + "2" * 32 + ".safetensors",
    "owners/boot-1-2.json",
]


def leave(folder: str, days: float) -> list[Path]:
    """Leave files as killed processes do, so many days ago; everything else in the store becomes as old."""
    for key in LEFT:
        Path(folder, key).parent.mkdir(parents=True, exist_ok=True)
        Path(folder, key).write_bytes(bytes(100))
    for path in Path(folder).rglob("*"):
        os.utime(path, (time.time() - days * 86400,) * 2)
    return [Path(folder, key) for key in LEFT]


def test_what_is_old_and_nobody_names_is_removed_and_told_in_a_line(
    folder: str, caplog: pytest.LogCaptureFixture
) -> None:
    registry = Registry(DiskStore(folder), BUILT_IN)
    publish(registry)
    left = leave(folder, 1.1)

    registry.tidy()
    registry.tidy()

    assert not [path for path in left if path.exists()]
    assert Registry(DiskStore(folder), BUILT_IN).serving(EXAM_SCORE)[0] == 1
    (told,) = [record.getMessage() for record in caplog.records]
    assert (
        "1 files that were being written, 3 checkpoints and tables without a version, 1 heartbeats; 500 bytes" in told
    )


def test_what_is_young_is_left_alone(folder: str) -> None:
    registry = Registry(DiskStore(folder), BUILT_IN)
    publish(registry)
    left = leave(folder, 0.9)

    registry.tidy()

    assert all(path.exists() for path in left)


def test_a_model_with_a_record_that_cannot_be_read_keeps_all_its_files(folder: str) -> None:
    registry = Registry(DiskStore(folder), BUILT_IN)
    publish(registry)
    publish(registry)
    Path(folder, f"models/{EXAM_SCORE}/records/00000002.json").write_bytes(b"damaged")
    leave(folder, 2)

    Registry(DiskStore(folder), BUILT_IN).tidy()

    assert len(DiskStore(folder).keys(f"models/{EXAM_SCORE}/checkpoints")) == 3


def test_a_model_whose_snapshots_are_damaged_keeps_no_other_from_being_tidied(folder: str) -> None:
    registry = Registry(DiskStore(folder), BUILT_IN)
    publish(registry)
    registry.declare("spoilt", BUILT_IN[EXAM_SCORE])
    publish(registry, name="spoilt")
    registry.delete("spoilt")
    for path in Path(folder, "models/spoilt/snapshots").iterdir():
        path.write_bytes(b"damaged")
    left = leave(folder, 2)

    Registry(DiskStore(folder), BUILT_IN).tidy()

    assert not any(path.exists() for path in left)


def test_what_a_killed_process_was_about_to_remove_comes_back_if_a_version_names_it(folder: str) -> None:
    registry = Registry(DiskStore(folder), BUILT_IN)
    version = publish(registry)
    store = DiskStore(folder)
    unnamed = f"models/{EXAM_SCORE}/tables/{'1' * 32}.csv"
    store.put(unnamed, b"")
    for key in (version.checkpoint, unnamed):
        store.move(key, f"_leaving/{key}")

    registry.tidy()

    assert registry.serving(EXAM_SCORE)[0] == 1
    assert store.look(unnamed) is None
    assert not [path for path in Path(folder, "_leaving").rglob("*") if path.is_file()]


def test_a_heartbeat_that_is_written_just_now_stays(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    store = DiskStore(folder)
    leave(folder, 2)
    move = store.move

    def write_and_move(key: str, to: str) -> None:
        if key == LEFT[-1]:
            store.put(key, b"alive")
        move(key, to)

    monkeypatch.setattr(store, "move", write_and_move)
    Registry(store, BUILT_IN).tidy()

    assert store.get(LEFT[-1]) == b"alive"


class Killed(BaseException):
    """Ends whoever tidies, as SIGKILL does."""


class Dying:
    """A store that answers so many calls of its user and then kills it."""

    def __init__(self, store: SteppedStore, calls: int) -> None:
        self._store, self._calls = store, calls

    def __getattr__(self, name: str) -> Any:
        self._calls -= 1
        if self._calls < 0:
            raise Killed
        return getattr(self._store, name)


@given(st.integers(0, 2**32), st.lists(st.integers(0, 60), max_size=2))
def test_a_publisher_that_is_held_up_for_however_long_loses_no_checkpoint(seed: int, deaths: list[int]) -> None:
    """Whoever tidies takes every file for old here, may step in between any two calls of a publisher, and may be killed."""
    store = SteppedStore(random.Random(seed))
    made: list[Version] = []

    def publish_two() -> None:
        registry = Registry(store, BUILT_IN)
        made.extend(publish(registry, table=b"a,b\n") for _ in range(2))

    def remove_one() -> None:
        registry = Registry(store, BUILT_IN)
        for number in sorted(registry.model(EXAM_SCORE).versions)[:-1]:
            with suppress(UnknownVersion, VersionInUse):
                registry.remove_version(EXAM_SCORE, number)

    def tidy_until_killed(calls: int) -> None:
        with suppress(Killed):
            Registry(cast("Store", Dying(store, calls)), BUILT_IN).tidy()

    tidying = [partial(tidy_until_killed, calls) for calls in (*deaths, 10_000, 10_000)]
    store.run([publish_two, remove_one, *tidying, publish_two])

    registry = Registry(store, BUILT_IN)
    registry.tidy()
    kept = registry.model(EXAM_SCORE).versions
    assert {version.number for version in made} == set(range(1, 5))
    for number, version in kept.items():
        assert registry.file(EXAM_SCORE, number) == checkpoint().to_bytes()
        assert registry.table(EXAM_SCORE, number) == b"a,b\n"
        assert version in made
    named = sorted(key for version in kept.values() for key in version.keys)
    assert sorted([*list_blobs(store, EXAM_SCORE), *list_blobs(store, EXAM_SCORE, "_leaving/")]) == named


def test_one_server_at_a_time_tidies(folder: str) -> None:
    store = DiskStore(folder)
    registry = Registry(store, BUILT_IN)
    left = leave(folder, 2)

    with store.lock("locks/tidying"):
        registry.tidy()
    assert all(path.exists() for path in left)

    registry.tidy()
    assert not any(path.exists() for path in left)
