"""Tidying while a server runs: again and again, until the server stops, also after the store was not there."""

from pathlib import Path

import pytest

from app.registry import BUILT_IN, EXAM_SCORE, Registry
from app.registry import tidying as registry_tidying
from app.store import DiskStore
from app.upkeep import RegularTidying, regular_tidying
from tests.support.trained import publish
from tests.support.waiting import until


def test_what_is_left_behind_goes_while_the_server_runs(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(regular_tidying, "TIDY_SECONDS", 0.05)
    monkeypatch.setattr(registry_tidying, "OLD_SECONDS", 0.0)
    store = DiskStore(folder)
    registry = Registry(store, BUILT_IN)
    version = publish(registry)
    tidying = RegularTidying(registry)
    tidying.start()
    try:
        for number in range(3):
            key = f"models/{EXAM_SCORE}/checkpoints/{number:032x}.safetensors"
            store.put(key, b"left")
            until(lambda key=key: store.look(key) is None, "it is removed")  # type: ignore[misc]
            Path(folder).rename(f"{folder}-gone")
            Path(f"{folder}-gone").rename(folder)
    finally:
        tidying.stop()

    assert store.look(version.checkpoint)
