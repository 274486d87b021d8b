"""Tidying while a server runs: again and again, until the server stops, also after the store was not there."""

import os
import time
from pathlib import Path
from typing import cast

import pytest

from app.errors import StoreFull
from app.registry import BUILT_IN, EXAM_SCORE, OLD_SECONDS, Registry, log
from app.store import DiskStore
from app.upkeep import RegularTidying, regular_tidying
from tests.support.trained import publish
from tests.support.waiting import until


def test_what_is_left_behind_goes_while_the_server_runs(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regular_tidying, "TIDY_SECONDS", 0.05)
    store = DiskStore(folder)
    registry = Registry(store, BUILT_IN)
    version = publish(registry)
    tidying = RegularTidying(registry)
    tidying.start()
    try:
        for number in range(3):
            key = f"models/{EXAM_SCORE}/checkpoints/{number:032x}.safetensors"
            Path(folder, key).write_bytes(b"left")
            os.utime(Path(folder, key), (time.time() - 2 * OLD_SECONDS,) * 2)
            until(lambda key=key: store.look(key) is None, "it is removed")  # type: ignore[misc]
            Path(folder).rename(f"{folder}-gone")
            Path(f"{folder}-gone").rename(folder)
    finally:
        tidying.stop()

    assert store.look(version.checkpoint)


def test_on_a_full_disk_a_log_is_not_folded_but_what_is_left_behind_goes(
    folder: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = DiskStore(folder)
    registry = Registry(store, BUILT_IN)
    publish(registry)
    publish(registry)
    left = Path(folder, f"models/{EXAM_SCORE}/checkpoints/{'0' * 32}.safetensors")
    left.write_bytes(b"left")
    os.utime(left, (time.time() - 2 * OLD_SECONDS,) * 2)
    written: list[str] = []

    def create(key: str, _: bytes, **__: bool) -> None:
        written.append(key)
        raise StoreFull("the disk is full")

    monkeypatch.setattr(log, "FOLD_AFTER", 1)
    monkeypatch.setattr(store, "create", create)
    registry.tidy()

    assert any("snapshots" in key for key in written)
    assert not left.exists()


def test_a_tidying_that_fails_of_whatever_is_followed_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regular_tidying, "TIDY_SECONDS", 0.01)
    begun: list[float] = []

    class Failing:
        def tidy(self) -> None:
            begun.append(time.monotonic())
            raise MemoryError

    tidying = RegularTidying(cast("Registry", Failing()))
    tidying.start()
    try:
        until(lambda: len(begun) > 1, "it is tidied again")
    finally:
        tidying.stop()
