"""The cache of checkpoints: read once, verified, and no more of them than there is room for."""

import hashlib

import pytest

from app.errors import DamagedCheckpoint
from app.registry import checkpoint_cache
from app.registry.checkpoint_cache import CheckpointCache
from app.registry.state import Version
from tests.support.memory_store import MemoryStore
from tests.support.trained import checkpoint


class CountingStore(MemoryStore):
    """A store that counts how often it is read."""

    reads = 0

    def get(self, key: str) -> bytes:
        self.reads += 1
        return super().get(key)


def stored(store: MemoryStore, number: int, data: bytes | None = None) -> Version:
    """Put a checkpoint into the store, or other bytes under a checkpoint's name."""
    whole = checkpoint().to_bytes()
    store.put(f"key-{number}", whole if data is None else data)
    return Version(number, f"key-{number}", hashlib.sha256(whole).hexdigest(), "", None, 0.0, {})


def test_a_checkpoint_is_read_once() -> None:
    store = CountingStore()
    version, cache = stored(store, 1), CheckpointCache(store)

    assert cache.get(version) is cache.get(version)
    assert store.reads == 1


class Clock:
    """What seconds are counted by, set forward by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seconds = 1000.0
        monkeypatch.setattr("app.registry.checkpoint_cache.time.monotonic", lambda: self.seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """A clock that stands still."""
    return Clock(monkeypatch)


def test_a_damaged_one_is_refused_for_a_while_without_being_read_again(
    clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    store = CountingStore()
    version, cache = stored(store, 1, b"damaged"), CheckpointCache(store)

    for number in range(10):
        clock.seconds += 20
        with pytest.raises(DamagedCheckpoint, match="version 1 cannot be used"):
            cache.get(version)
        assert store.reads == 1 + number // 3
    assert len(caplog.records) == 1  # it is told once

    stored(store, 1)  # whole again
    clock.seconds += 60
    assert cache.get(version).to_bytes() == checkpoint().to_bytes()


def test_a_missing_one_is_looked_for_again_after_seconds(clock: Clock) -> None:
    store = CountingStore()
    version, cache = stored(store, 1), CheckpointCache(store)
    store.delete(version.checkpoint)

    for _ in range(3):
        with pytest.raises(DamagedCheckpoint, match="not in the store"):
            cache.get(version)
    assert store.reads == 1

    stored(store, 1)
    clock.seconds += 3
    assert cache.get(version).to_bytes() == checkpoint().to_bytes()


def test_one_of_a_newer_format_is_refused_by_name() -> None:
    store = MemoryStore()
    data = checkpoint().to_bytes().replace(b'\\"format\\": ', b'\\"format\\":9', 1)
    version = Version(1, "key-1", hashlib.sha256(data).hexdigest(), "", None, 0.0, {})
    store.put("key-1", data)

    with pytest.raises(DamagedCheckpoint, match="newer"):
        CheckpointCache(store).get(version)


def test_there_are_never_more_of_them_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint_cache, "CAPACITY", 3)
    store = CountingStore()
    cache = CheckpointCache(store)
    versions = [stored(store, number) for number in range(5)]

    for version in versions:
        cache.get(version)
    cache.get(versions[-1])
    assert store.reads == 5

    cache.get(versions[0])
    assert store.reads == 6
