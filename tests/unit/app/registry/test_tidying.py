"""Tidying: what killed processes have left is removed when it is old, and nothing that anyone may still name."""

import os
import time
from pathlib import Path

import pytest

from app.registry import BUILT_IN, EXAM_SCORE
from app.registry.registry import Registry
from app.store.disk import DiskStore
from tests.support.trained import publish

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


def test_one_server_at_a_time_tidies(folder: str) -> None:
    store = DiskStore(folder)
    registry = Registry(store, BUILT_IN)
    left = leave(folder, 2)

    with store.lock("locks/tidying"):
        registry.tidy()
    assert all(path.exists() for path in left)

    registry.tidy()
    assert not any(path.exists() for path in left)
