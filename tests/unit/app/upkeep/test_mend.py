"""Mending changes only what is still so, and says only what it has done."""

import os
import time
from pathlib import Path

import pytest

from app.registry import BUILT_IN, EXAM_SCORE, Registry
from app.store import DiskStore
from app.upkeep import CheckReport, check_store, mend_store
from tests.support.trained import publish

LEFT = ["_leaving/owners/boot-1-2.json", f"models/prices/checkpoints/{'0' * 32}.safetensors"]
"""Of a tidying that was killed, and of the first training of a model, which was killed."""


def check(folder: str) -> CheckReport:
    return check_store(DiskStore(folder), folder)


@pytest.fixture
def left(folder: str) -> list[Path]:
    """What processes have left that were killed two days ago."""
    publish(Registry(DiskStore(folder), BUILT_IN))
    paths = [Path(folder, key) for key in LEFT]
    for path in paths:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"left")
        os.utime(path, (time.time() - 2 * 86400,) * 2)
    return paths


def test_a_version_that_can_be_read_again_is_not_withdrawn(folder: str) -> None:
    store = DiskStore(folder)
    registry = Registry(store, BUILT_IN)
    version, _ = (publish(registry, seed) for seed in range(2))
    path = Path(folder, version.checkpoint)
    whole = path.read_bytes()
    path.write_bytes(b"damaged")
    report = check(folder)
    assert [finding.key for finding in report.findings] == [version.checkpoint]
    path.write_bytes(whole)

    assert mend_store(store, report) == []

    assert sorted(Registry(store, BUILT_IN).model(EXAM_SCORE).versions) == [1, 2]
    assert path.read_bytes() == whole


def test_what_killed_processes_have_left_is_orphaned_and_goes(left: list[Path], folder: str) -> None:
    assert [(finding.kind, finding.key) for finding in check(folder).findings] == [("orphaned", key) for key in LEFT]

    assert mend_store(DiskStore(folder), check(folder)) == ["removed 2 files that killed processes had left"]

    assert not [path for path in left if path.exists()]
    assert check(folder).findings == []


def test_nothing_is_told_as_removed_while_a_server_tidies(left: list[Path], folder: str) -> None:
    store = DiskStore(folder)

    with store.lock("locks/tidying"):
        assert mend_store(store, check(folder)) == []

    assert all(path.exists() for path in left)
