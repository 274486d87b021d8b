"""Tidying while a server runs: again and again, until the server stops, also after the store was not there."""

import os
import time
from pathlib import Path

import pytest

from app.registry import BUILT_IN, EXAM_SCORE, OLD_SECONDS, Registry
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
