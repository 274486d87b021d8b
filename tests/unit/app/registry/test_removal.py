"""The registry where versions are removed while others are about to read them."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from app.errors import UnknownModel, UnknownVersion
from app.registry import BUILT_IN, EXAM_SCORE
from app.registry.new_version import NewVersion
from app.registry.registry import Registry
from app.store import DiskStore
from tests.support.memory_store import MemoryStore
from tests.support.trained import checkpoint, publish


class Overtaken(MemoryStore):
    """A store in which, once, something happens just before a certain kind of thing is read."""

    def __init__(self) -> None:
        super().__init__()
        self.overtake: dict[str, Callable[[], object]] = {}

    def get(self, key: str) -> bytes:
        for kind in [kind for kind in self.overtake if f"/{kind}/" in key]:
            self.overtake.pop(kind)()
        return super().get(key)


def publish_with_table(registry: Registry, seed: int) -> None:
    made: dict[str, Any] = {
        "created": "2026-01-01T00:00:00.000Z",
        "job_id": None,
        "duration_seconds": 0.1,
        "report": {},
    }
    registry.publish(NewVersion(EXAM_SCORE, checkpoint(seed), b"x,y\n1,2\n", made))


@pytest.fixture
def overtaken() -> tuple[Overtaken, Registry, Callable[[], object]]:
    """A store with one version, a registry that has not read it, and what publishes another and removes that one."""
    store = Overtaken()
    other = Registry(store, BUILT_IN)
    publish_with_table(other, 0)

    def overtake() -> None:
        publish_with_table(other, 1)
        other.keep_newest(EXAM_SCORE, 1)

    return store, Registry(store, BUILT_IN), overtake


Overtaking = tuple[Overtaken, Registry, Callable[[], object]]


def test_a_version_that_is_removed_while_it_is_loaded_gives_way_to_the_one_after_it(overtaken: Overtaking) -> None:
    store, registry, store.overtake["checkpoints"] = overtaken

    number, serving = registry.serving(EXAM_SCORE)

    assert (number, serving.to_bytes()) == (2, checkpoint(1).to_bytes())


def test_a_version_that_is_removed_while_it_is_asked_for_is_unknown_not_damaged(overtaken: Overtaking) -> None:
    store, registry, store.overtake["checkpoints"] = overtaken

    with pytest.raises(UnknownVersion):
        registry.checkpoint(EXAM_SCORE, 1)


def test_a_table_that_is_removed_while_it_is_asked_for_is_of_an_unknown_version(overtaken: Overtaking) -> None:
    store, registry, store.overtake["tables"] = overtaken

    with pytest.raises(UnknownVersion):
        registry.table(EXAM_SCORE, 1)


def test_what_a_process_has_changed_counts_there_also_while_the_store_cannot_be_read(folder: str) -> None:
    registry = Registry(DiskStore(folder), BUILT_IN)
    publish(registry, seed=1)
    registry.delete(EXAM_SCORE)
    Path(folder).rename(f"{folder}-away")

    with pytest.raises(UnknownModel):
        registry.model(EXAM_SCORE)
