"""What was said of unseen rows stands beside a version's table: it goes with it, and a version can do without."""

from pathlib import Path
from typing import Any

import pytest

from app.errors import JobInterrupted, StoreFull, UnknownVersion
from app.registry import BUILT_IN, EXAM_SCORE
from app.registry.new_version import NewVersion
from app.registry.registry import Registry
from app.store.disk import DiskStore
from tests.support.memory_store import MemoryStore
from tests.support.trained import checkpoint

SAID = b"what was said"


def new_version(job_id: str | None = None, unseen: bytes | None = SAID) -> NewVersion:
    made: dict[str, Any] = {"created": "2026-01-01T00:00:00.000Z", "job_id": job_id, "duration_seconds": 0.1}
    return NewVersion(EXAM_SCORE, checkpoint(), b"x,y\n1,2\n", {**made, "report": {}}, unseen=unseen)


def kept(folder: str) -> list[Path]:
    return sorted(Path(folder, "models", EXAM_SCORE, "tables").glob("*"))


@pytest.fixture
def opened(folder: str) -> Registry:
    return Registry(DiskStore(folder), BUILT_IN)


def test_it_is_kept_with_the_version_and_removed_with_it(folder: str, opened: Registry) -> None:
    for _ in range(2):
        opened.publish(new_version())

    assert Registry(DiskStore(folder), BUILT_IN).unseen(EXAM_SCORE, 1) == SAID
    assert len(kept(folder)) == 4
    opened.remove_version(EXAM_SCORE, 1)
    assert len(kept(folder)) == 2
    with pytest.raises(UnknownVersion):
        opened.unseen(EXAM_SCORE, 1)
    opened.delete(EXAM_SCORE)
    assert kept(folder) == []


def test_a_version_without_it_has_none(opened: Registry) -> None:
    opened.publish(new_version(unseen=None))

    assert opened.unseen(EXAM_SCORE, 1) is None


@pytest.mark.parametrize("left", [b"", SAID[:-1], SAID.swapcase(), None], ids=["empty", "cut", "changed", "lost"])
def test_where_it_is_damaged_the_version_and_its_table_are_as_before(
    folder: str, opened: Registry, left: bytes | None
) -> None:
    """A power cut may have taken it: it is not waited for."""
    opened.publish(new_version())
    (path,) = [path for path in kept(folder) if path.suffix == ".safetensors"]

    path.unlink() if left is None else path.write_bytes(left)

    anew = Registry(DiskStore(folder), BUILT_IN)
    assert anew.unseen(EXAM_SCORE, 1) is None
    assert anew.table(EXAM_SCORE, 1) == b"x,y\n1,2\n"
    assert anew.serving(EXAM_SCORE)[0] == 1


def test_it_is_kept_where_it_is_named_when_a_store_is_tidied(
    folder: str, opened: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.registry.tidying.OLD_SECONDS", -60.0)
    opened.publish(new_version())
    DiskStore(folder).put(f"models/{EXAM_SCORE}/tables/{'0' * 32}.safetensors", SAID)

    opened.tidy()

    assert len(kept(folder)) == 2
    assert opened.unseen(EXAM_SCORE, 1) == SAID


def test_a_version_that_may_not_be_published_leaves_nothing(folder: str, opened: Registry) -> None:
    opened.end_job(EXAM_SCORE, "job")

    with pytest.raises(JobInterrupted):
        opened.publish(new_version("job"))

    assert kept(folder) == []


def test_a_store_that_is_full_by_then_keeps_nothing_of_the_version() -> None:
    class Full(MemoryStore):
        def put(self, key: str, data: bytes, *, is_durable: bool = True) -> None:
            raise StoreFull("the disk is full")

    store = Full()
    with pytest.raises(StoreFull):
        Registry(store, BUILT_IN).publish(new_version())

    assert store.keys(f"models/{EXAM_SCORE}/tables") == store.keys(f"models/{EXAM_SCORE}/checkpoints") == []
