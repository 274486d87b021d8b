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


def test_a_damaged_one_is_refused_again_and_again_without_being_read_again() -> None:
    store = CountingStore()
    version, cache = stored(store, 1, b"damaged"), CheckpointCache(store)

    for _ in range(3):
        with pytest.raises(DamagedCheckpoint, match="version 1 cannot be used"):
            cache.get(version)
    assert store.reads == 1


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
